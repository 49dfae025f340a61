package vn.idwallet.sample

import android.content.Context
import java.util.Locale

/** The language of the app, chosen in the app: many phones in Vietnam speak English to owners who do not. */
object Language {
    const val VIETNAMESE = "vi"
    const val ENGLISH = "en"

    private fun settings(context: Context) = context.getSharedPreferences("language", Context.MODE_PRIVATE)

    fun of(context: Context): String = settings(context).getString("tag", null) ?: VIETNAMESE

    fun choose(context: Context, tag: String) = settings(context).edit().putString("tag", tag).apply()

    /** [context] in that language. */
    fun wrap(context: Context): Context {
        val configuration = android.content.res.Configuration(context.resources.configuration)
        configuration.setLocale(Locale.Builder().setLanguage(of(context)).setRegion("VN").build())
        return context.createConfigurationContext(configuration)
    }
}
