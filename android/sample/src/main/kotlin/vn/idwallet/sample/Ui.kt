package vn.idwallet.sample

import android.content.Context
import android.content.res.ColorStateList
import android.graphics.Typeface
import android.graphics.drawable.GradientDrawable
import android.graphics.drawable.RippleDrawable
import android.text.SpannableStringBuilder
import android.text.Spanned
import android.text.style.ForegroundColorSpan
import android.text.style.RelativeSizeSpan
import android.text.style.StyleSpan
import android.util.TypedValue
import android.view.Gravity
import android.view.View
import android.view.ViewGroup
import android.view.accessibility.AccessibilityNodeInfo
import android.widget.Button
import android.widget.CheckBox
import android.widget.CompoundButton
import android.widget.ImageButton
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.RadioButton
import android.widget.ScrollView
import android.widget.TextView
import java.time.Instant
import java.time.ZoneId
import java.time.format.DateTimeFormatter
import java.util.Locale
import vn.idwallet.LocalizedText
import vn.idwallet.WalletException

/** How a banner is meant. */
enum class Tone(val ink: Int, val soft: Int, val icon: Int) {
    GOOD(R.color.good, R.color.good_soft, R.drawable.ic_check),
    WARN(R.color.warn, R.color.warn_soft, R.drawable.ic_warn),
    BAD(R.color.bad, R.color.bad_soft, R.drawable.ic_cross),
    CALM(R.color.accent, R.color.accent_soft, R.drawable.ic_card),
}

/**
 * The pieces that the screens are made of: large type that grows with the person's font size, touch targets of 56 dp and more, nothing
 * that is cut off, and a heading, a label or a role for whoever listens instead of looking.
 */
class Ui(val context: Context) {
    private val density = context.resources.displayMetrics.density
    val locale: Locale get() = context.resources.configuration.locales[0]

    /** Whether two things side by side would leave too little room for their texts. */
    val isLarge: Boolean get() = context.resources.configuration.fontScale > LARGE

    fun dp(value: Int): Int = (value * density + 0.5f).toInt()

    fun color(id: Int): Int = context.getColor(id)

    fun string(id: Int, vararg args: Any): String = context.getString(id, *args)

    fun string(text: LocalizedText): String = text.text(locale)

    fun date(at: Instant): String = format(at, if (locale.language == "vi") "dd/MM/yyyy" else "d MMM yyyy")

    fun dateTime(at: Instant): String = format(at, if (locale.language == "vi") "HH:mm, dd/MM/yyyy" else "d MMM yyyy, HH:mm")

    private fun format(at: Instant, pattern: String) = DateTimeFormatter.ofPattern(pattern, locale).withZone(ZoneId.systemDefault()).format(at)

    // Texts ------------------------------------------------------------------------------------------------------------

    fun text(words: CharSequence, size: Float = BODY, color: Int = R.color.ink, bold: Boolean = false): TextView = TextView(context).apply {
        text = words
        setTextSize(TypedValue.COMPLEX_UNIT_SP, size)
        setTextColor(color(color))
        setLineSpacing(0f, 1.12f)
        if (bold) typeface = Typeface.create(Typeface.DEFAULT, BOLD_WEIGHT, false)
    }

    fun soft(words: CharSequence): TextView = text(words, SMALL, R.color.ink_soft)

    fun heading(words: CharSequence, size: Float = HEADING): TextView =
        text(words, size, bold = true).apply { isAccessibilityHeading = true }

    // Places -----------------------------------------------------------------------------------------------------------

    fun column(vararg views: View?, gap: Int = 12): LinearLayout = LinearLayout(context).apply {
        orientation = LinearLayout.VERTICAL
        views.filterNotNull().forEach { add(it, gap) }
    }

    /** Adds [view] below what is there. */
    fun LinearLayout.add(view: View, gap: Int = 12) {
        val top = if (childCount == 0) 0 else dp(gap)
        addView(view, LinearLayout.LayoutParams(ViewGroup.LayoutParams.MATCH_PARENT, ViewGroup.LayoutParams.WRAP_CONTENT).apply { topMargin = top })
    }

    private fun row(vararg views: View, gap: Int = 12, gravity: Int = Gravity.CENTER_VERTICAL): LinearLayout = LinearLayout(context).apply {
        orientation = LinearLayout.HORIZONTAL
        this.gravity = gravity
        views.forEachIndexed { index, view ->
            val grows = view is TextView && view !is Button || view is LinearLayout
            val own = view.layoutParams
            val width = if (grows) 0 else own?.width ?: ViewGroup.LayoutParams.WRAP_CONTENT
            val params = LinearLayout.LayoutParams(width, own?.height ?: ViewGroup.LayoutParams.WRAP_CONTENT, if (grows) 1f else 0f)
            addView(view, params.apply { if (index > 0) marginStart = dp(gap) })
        }
    }

    fun shape(fill: Int, radius: Int = RADIUS, stroke: Int? = null): GradientDrawable = GradientDrawable().apply {
        setColor(color(fill))
        cornerRadius = dp(radius).toFloat()
        if (stroke != null) setStroke(dp(1), color(stroke))
    }

    private fun View.touchable(background: GradientDrawable) {
        this.background = RippleDrawable(ColorStateList.valueOf(color(R.color.line)), background, null)
        isClickable = true
        isFocusable = true
    }

    fun card(vararg views: View?, gap: Int = 8): LinearLayout = column(*views, gap = gap).apply {
        background = shape(R.color.surface, stroke = R.color.line)
        setPadding(dp(16), dp(16), dp(16), dp(16))
    }

    /** A picture beside a text; it grows with the text, and says nothing that the text does not. */
    fun icon(id: Int, color: Int = R.color.accent, size: Int = 24): ImageView = ImageView(context).apply {
        setImageResource(id)
        imageTintList = ColorStateList.valueOf(color(color))
        importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO
        scaleType = ImageView.ScaleType.FIT_CENTER
        val side = (dp(size) * context.resources.configuration.fontScale.coerceIn(1f, 1.6f)).toInt()
        layoutParams = ViewGroup.LayoutParams(side, side)
    }

    /** The verdict: to be seen at arm's length and at a glance. */
    fun verdict(tone: Tone, title: CharSequence, words: CharSequence): LinearLayout {
        val texts = column(text(title, TITLE, R.color.on_accent, bold = true).apply { isAccessibilityHeading = true }, text(words, BODY, R.color.on_accent), gap = 4)
        return row(icon(tone.icon, R.color.on_accent, 36), texts, gap = 14, gravity = Gravity.TOP).apply {
            background = shape(tone.ink)
            setPadding(dp(18), dp(18), dp(18), dp(18))
            accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_ASSERTIVE
        }
    }

    /** A message that stands out, and that is read aloud when it appears. */
    fun banner(tone: Tone, title: CharSequence?, words: CharSequence?): LinearLayout {
        val texts = column(
            title?.let { text(it, BODY, tone.ink, bold = true) },
            words?.let { text(it, SMALL, if (title == null) tone.ink else R.color.ink) },
            gap = 4,
        )
        return row(icon(tone.icon, tone.ink, 28), texts, gap = 14, gravity = Gravity.TOP).apply {
            background = shape(tone.soft)
            setPadding(dp(16), dp(14), dp(16), dp(14))
            accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        }
    }

    /** How many there are. None is nothing to be glad of. */
    fun counted(number: Int, some: Int, none: Int, words: CharSequence?): LinearLayout =
        if (number == 0) banner(Tone.WARN, string(none), words)
        else banner(Tone.GOOD, context.resources.getQuantityString(some, number, number), words)

    /** An error as a person reads it; the code is for whoever they call. */
    fun error(error: WalletException): LinearLayout =
        banner(Tone.BAD, string(error.text), string(R.string.error_code, error.code))

    // Things to touch --------------------------------------------------------------------------------------------------

    fun primary(words: CharSequence, action: () -> Unit): Button = button(words, R.color.on_accent, shape(R.color.accent), action)

    fun secondary(words: CharSequence, action: () -> Unit): Button =
        button(words, R.color.accent, shape(R.color.surface, stroke = R.color.accent), action)

    private fun button(words: CharSequence, ink: Int, background: GradientDrawable, action: () -> Unit): Button = Button(context).apply {
        text = words
        isAllCaps = false
        stateListAnimator = null
        setTextSize(TypedValue.COMPLEX_UNIT_SP, BODY)
        setTextColor(color(ink))
        typeface = Typeface.create(Typeface.DEFAULT, BOLD_WEIGHT, false)
        setPadding(dp(16), dp(12), dp(16), dp(12))
        minHeight = dp(TARGET)
        minimumHeight = dp(TARGET)
        touchable(background)
        setOnClickListener { action() }
    }

    /** Shows whether [button] can be used. */
    fun enable(button: Button, enabled: Boolean, primary: Boolean = true) {
        button.isEnabled = enabled
        val fill = if (!enabled) R.color.disabled_soft else if (primary) R.color.accent else R.color.surface
        button.setTextColor(color(if (!enabled) R.color.disabled else if (primary) R.color.on_accent else R.color.accent))
        button.touchable(shape(fill, stroke = if (enabled && !primary) R.color.accent else null))
    }

    /** Buttons side by side, or below each other where the type is large. */
    fun buttons(vararg buttons: Button): LinearLayout = if (isLarge) column(*buttons, gap = 10) else LinearLayout(context).apply {
        orientation = LinearLayout.HORIZONTAL
        buttons.forEachIndexed { index, button ->
            addView(button, LinearLayout.LayoutParams(0, ViewGroup.LayoutParams.MATCH_PARENT, 1f).apply { if (index > 0) marginStart = dp(12) })
        }
    }

    fun iconButton(id: Int, label: CharSequence, action: () -> Unit): ImageButton = ImageButton(context).apply {
        setImageResource(id)
        imageTintList = ColorStateList.valueOf(color(R.color.accent))
        contentDescription = label
        minimumWidth = dp(TARGET)
        minimumHeight = dp(TARGET)
        touchable(shape(R.color.paper, TARGET / 2))
        setOnClickListener { action() }
    }

    /** A card that leads on. It is one thing to whoever listens: [label]. */
    fun linkCard(content: View, label: CharSequence, action: () -> Unit): View = row(content, icon(R.drawable.ic_next, R.color.ink_soft)).apply {
        setPadding(dp(16), dp(14), dp(12), dp(14))
        minimumHeight = dp(TARGET + 8)
        touchable(shape(R.color.surface, stroke = R.color.line))
        contentDescription = label
        content.importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO_HIDE_DESCENDANTS
        setOnClickListener { action() }
        accessibilityDelegate = object : View.AccessibilityDelegate() {
            override fun onInitializeAccessibilityNodeInfo(host: View, info: AccessibilityNodeInfo) {
                super.onInitializeAccessibilityNodeInfo(host, info)
                info.className = Button::class.java.name
            }
        }
    }

    /** A choice with what it means below it: `title` large, `lines` small. */
    fun check(words: CharSequence, checked: Boolean, changed: (Boolean) -> Unit): CheckBox =
        CheckBox(context).apply { compound(this, words, checked, changed) }

    fun radio(words: CharSequence, checked: Boolean, changed: (Boolean) -> Unit): RadioButton =
        RadioButton(context).apply { compound(this, words, checked, changed) }

    private fun compound(button: CompoundButton, words: CharSequence, checked: Boolean, changed: (Boolean) -> Unit) = button.apply {
        text = words
        setTextSize(TypedValue.COMPLEX_UNIT_SP, BODY)
        setTextColor(color(R.color.ink))
        setLineSpacing(0f, 1.12f)
        buttonTintList = ColorStateList(
            arrayOf(intArrayOf(-android.R.attr.state_enabled), intArrayOf()), intArrayOf(color(R.color.disabled), color(R.color.accent)),
        )
        gravity = Gravity.TOP
        minHeight = dp(TARGET)
        minimumHeight = dp(TARGET)
        setPadding(dp(10), dp(6), 0, dp(8))
        isChecked = checked
        setOnCheckedChangeListener { _, value -> changed(value) }
    }

    /** A line and smaller ones below it, in one text. */
    fun lines(title: CharSequence, vararg more: Pair<CharSequence?, Int>): CharSequence = SpannableStringBuilder().apply {
        append(title)
        setSpan(StyleSpan(Typeface.BOLD), 0, length, Spanned.SPAN_EXCLUSIVE_EXCLUSIVE)
        more.forEach { (words, color) ->
            if (words.isNullOrEmpty()) return@forEach
            append("\n")
            val start = length
            append(words)
            setSpan(RelativeSizeSpan(SMALL / BODY), start, length, Spanned.SPAN_EXCLUSIVE_EXCLUSIVE)
            setSpan(ForegroundColorSpan(color(color)), start, length, Spanned.SPAN_EXCLUSIVE_EXCLUSIVE)
        }
    }

    // Screens ----------------------------------------------------------------------------------------------------------

    /** A whole screen: a title, what scrolls, and what stays at the bottom. */
    fun screen(title: CharSequence, back: (() -> Unit)?, body: View, bottom: View? = null, actions: List<View> = emptyList()): View {
        val heading = heading(title, TITLE)
        val bar = LinearLayout(context).apply {
            gravity = Gravity.CENTER_VERTICAL
            setPadding(dp(if (back == null) 20 else 6), dp(6), dp(6), dp(6))
            minimumHeight = dp(64)
            back?.let { addView(iconButton(R.drawable.ic_back, string(R.string.back), it)) }
            addView(heading, LinearLayout.LayoutParams(0, ViewGroup.LayoutParams.WRAP_CONTENT, 1f))
            actions.forEach { addView(it) }
        }
        body.setPadding(dp(20), dp(4), dp(20), dp(24))
        val scroll = ScrollView(context).apply {
            isFillViewport = true
            addView(body)
        }
        return LinearLayout(context).apply {
            orientation = LinearLayout.VERTICAL
            setBackgroundColor(color(R.color.paper))
            addView(bar)
            addView(scroll, LinearLayout.LayoutParams(ViewGroup.LayoutParams.MATCH_PARENT, 0, 1f))
            bottom?.let {
                it.setPadding(dp(20), dp(12), dp(20), dp(16))
                it.setBackgroundColor(color(R.color.paper))
                addView(View(context).apply { setBackgroundColor(color(R.color.line)) }, LinearLayout.LayoutParams(ViewGroup.LayoutParams.MATCH_PARENT, dp(1)))
                addView(it)
            }
        }
    }

    companion object {
        const val TITLE = 24f
        const val HEADING = 20f
        const val BODY = 18f
        const val SMALL = 16f
        const val TARGET = 56
        private const val RADIUS = 14
        private const val BOLD_WEIGHT = 600
        private const val LARGE = 1.25f
    }
}
