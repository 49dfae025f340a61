package vn.idwallet

import java.util.Locale

/** A text for a person, in the two languages that the wallet speaks. Both are always there. */
public data class LocalizedText(
    /** In Vietnamese. */
    public val vi: String,
    /** In English. */
    public val en: String,
) {
    /** The text for [locale]: Vietnamese for a Vietnamese one, English for every other. */
    public fun text(locale: Locale = Locale.getDefault()): String = if (locale.language == "vi") vi else en

    /** The English text. */
    override fun toString(): String = en
}
