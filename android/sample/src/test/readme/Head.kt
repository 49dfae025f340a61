package vn.idwallet.sample.readme

import android.app.Activity
import android.content.Context
import java.io.File
import vn.idwallet.Wallet
import vn.idwallet.WalletOptions
import vn.idwallet.android.AndroidClock
import vn.idwallet.android.AndroidKeyStoreArea
import vn.idwallet.android.BiometricPresence
import vn.idwallet.android.PromptTexts
