package vn.idwallet.android

import android.nfc.cardemulation.HostApduService
import android.os.Bundle

/**
 * The place of NFC: it is declared, it is selected by a reader that taps, and it says in the words of ISO/IEC 7816-4 that there is
 * nothing here yet, so that the reader goes on to the QR code at once instead of waiting. NFC engagement and data transfer come with
 * the radio.
 */
public open class IdwalletHostApduService : HostApduService() {
    override fun processCommandApdu(commandApdu: ByteArray?, extras: Bundle?): ByteArray = answer(commandApdu ?: ByteArray(0))

    override fun onDeactivated(reason: Int): Unit = Unit

    private fun answer(command: ByteArray): ByteArray = when {
        command.size < HEADER -> WRONG_LENGTH
        command[0] != INTERINDUSTRY -> CLASS_NOT_SUPPORTED
        command[1] == SELECT -> FILE_NOT_FOUND
        else -> INSTRUCTION_NOT_SUPPORTED
    }.copyOf()

    private companion object {
        const val HEADER = 4
        const val INTERINDUSTRY: Byte = 0x00
        const val SELECT = 0xA4.toByte()
        val WRONG_LENGTH = byteArrayOf(0x67, 0x00)
        val CLASS_NOT_SUPPORTED = byteArrayOf(0x6E, 0x00)
        val FILE_NOT_FOUND = byteArrayOf(0x6A, 0x82.toByte())
        val INSTRUCTION_NOT_SUPPORTED = byteArrayOf(0x6D, 0x00)
    }
}
