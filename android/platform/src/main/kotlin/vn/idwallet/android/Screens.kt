package vn.idwallet.android

import android.app.Activity
import android.graphics.Bitmap
import android.graphics.Color
import android.os.Build
import android.view.WindowManager
import vn.idwallet.QrCode

/** Keeps what this activity shows out of screenshots, recordings and the list of recent apps. Call it before its content is set. */
public fun Activity.protectScreen() {
    window.setFlags(WindowManager.LayoutParams.FLAG_SECURE, WindowManager.LayoutParams.FLAG_SECURE)
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) setRecentsScreenshotEnabled(false)
}

/**
 * The picture of a QR code, black on white with the quiet zone around it: at most [pixels] wide and high, all modules alike.
 * Show it without smoothing.
 */
public fun QrCode.toBitmap(pixels: Int): Bitmap {
    val modules = size + 2 * QUIET_ZONE
    val scale = (pixels / modules).coerceAtLeast(1)
    val side = modules * scale
    val colors = IntArray(side * side) { index ->
        val x = index % side / scale - QUIET_ZONE
        val y = index / side / scale - QUIET_ZONE
        if (isDark(x, y)) Color.BLACK else Color.WHITE
    }
    return Bitmap.createBitmap(colors, side, side, Bitmap.Config.ARGB_8888)
}

private const val QUIET_ZONE = 4
