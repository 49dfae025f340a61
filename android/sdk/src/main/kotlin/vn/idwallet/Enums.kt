package vn.idwallet

// From the values of the library to those of this package and back. Every name is written out, so that the compiler tells when one is missing.

internal fun vn.idwallet.ffi.Reaction.toApi(): Reaction = when (this) {
    vn.idwallet.ffi.Reaction.NOTHING -> Reaction.NOTHING
    vn.idwallet.ffi.Reaction.RETRY -> Reaction.RETRY
    vn.idwallet.ffi.Reaction.RETRY_LATER -> Reaction.RETRY_LATER
    vn.idwallet.ffi.Reaction.AUTHENTICATE -> Reaction.AUTHENTICATE
    vn.idwallet.ffi.Reaction.ENTER_PIN -> Reaction.ENTER_PIN
    vn.idwallet.ffi.Reaction.UNLOCK -> Reaction.UNLOCK
    vn.idwallet.ffi.Reaction.INSERT_HARDWARE -> Reaction.INSERT_HARDWARE
    vn.idwallet.ffi.Reaction.REVIEW_AGAIN -> Reaction.REVIEW_AGAIN
    vn.idwallet.ffi.Reaction.ASK_READER -> Reaction.ASK_READER
    vn.idwallet.ffi.Reaction.ASK_ISSUER -> Reaction.ASK_ISSUER
    vn.idwallet.ffi.Reaction.ASK_REISSUE -> Reaction.ASK_REISSUE
    vn.idwallet.ffi.Reaction.UPDATE_APP -> Reaction.UPDATE_APP
    vn.idwallet.ffi.Reaction.FREE_SPACE -> Reaction.FREE_SPACE
    vn.idwallet.ffi.Reaction.CLOSE_OTHER -> Reaction.CLOSE_OTHER
    vn.idwallet.ffi.Reaction.MEND_ACCESS -> Reaction.MEND_ACCESS
    vn.idwallet.ffi.Reaction.CREATE_WALLET -> Reaction.CREATE_WALLET
    vn.idwallet.ffi.Reaction.RESTORE_BACKUP -> Reaction.RESTORE_BACKUP
    vn.idwallet.ffi.Reaction.CONTACT_SUPPORT -> Reaction.CONTACT_SUPPORT
}

internal fun vn.idwallet.ffi.LogLevel.toApi(): LogLevel = when (this) {
    vn.idwallet.ffi.LogLevel.INFO -> LogLevel.INFO
    vn.idwallet.ffi.LogLevel.WARNING -> LogLevel.WARNING
    vn.idwallet.ffi.LogLevel.ERROR -> LogLevel.ERROR
}

internal fun vn.idwallet.ffi.Curve.toApi(): Curve = when (this) {
    vn.idwallet.ffi.Curve.P256 -> Curve.P256
    vn.idwallet.ffi.Curve.P384 -> Curve.P384
    vn.idwallet.ffi.Curve.P521 -> Curve.P521
    vn.idwallet.ffi.Curve.BRAINPOOL_P256R1 -> Curve.BRAINPOOL_P256R1
    vn.idwallet.ffi.Curve.BRAINPOOL_P320R1 -> Curve.BRAINPOOL_P320R1
    vn.idwallet.ffi.Curve.BRAINPOOL_P384R1 -> Curve.BRAINPOOL_P384R1
    vn.idwallet.ffi.Curve.BRAINPOOL_P512R1 -> Curve.BRAINPOOL_P512R1
    vn.idwallet.ffi.Curve.ED25519 -> Curve.ED25519
    vn.idwallet.ffi.Curve.ED448 -> Curve.ED448
    vn.idwallet.ffi.Curve.X25519 -> Curve.X25519
    vn.idwallet.ffi.Curve.X448 -> Curve.X448
}

internal fun vn.idwallet.ffi.KeyPurpose.toApi(): KeyPurpose = when (this) {
    vn.idwallet.ffi.KeyPurpose.SIGN -> KeyPurpose.SIGN
    vn.idwallet.ffi.KeyPurpose.AGREE -> KeyPurpose.AGREE
    vn.idwallet.ffi.KeyPurpose.SIGN_OR_AGREE -> KeyPurpose.SIGN_OR_AGREE
}

internal fun vn.idwallet.ffi.DocumentState.toApi(): DocumentState = when (this) {
    vn.idwallet.ffi.DocumentState.ACTIVE -> DocumentState.ACTIVE
    vn.idwallet.ffi.DocumentState.NOT_YET_VALID -> DocumentState.NOT_YET_VALID
    vn.idwallet.ffi.DocumentState.EXPIRED -> DocumentState.EXPIRED
    vn.idwallet.ffi.DocumentState.SUSPENDED -> DocumentState.SUSPENDED
    vn.idwallet.ffi.DocumentState.REVOKED -> DocumentState.REVOKED
}

internal fun vn.idwallet.ffi.Sensitivity.toApi(): Sensitivity = when (this) {
    vn.idwallet.ffi.Sensitivity.NORMAL -> Sensitivity.NORMAL
    vn.idwallet.ffi.Sensitivity.SENSITIVE -> Sensitivity.SENSITIVE
    vn.idwallet.ffi.Sensitivity.VERY_SENSITIVE -> Sensitivity.VERY_SENSITIVE
}

internal fun vn.idwallet.ffi.HistoryOutcome.toApi(): HistoryOutcome = when (this) {
    vn.idwallet.ffi.HistoryOutcome.DONE -> HistoryOutcome.DONE
    vn.idwallet.ffi.HistoryOutcome.SHOWN -> HistoryOutcome.SHOWN
    vn.idwallet.ffi.HistoryOutcome.DECLINED -> HistoryOutcome.DECLINED
    vn.idwallet.ffi.HistoryOutcome.NOTHING_TO_GIVE -> HistoryOutcome.NOTHING_TO_GIVE
    vn.idwallet.ffi.HistoryOutcome.CANCELLED -> HistoryOutcome.CANCELLED
    vn.idwallet.ffi.HistoryOutcome.NOT_ANSWERED -> HistoryOutcome.NOT_ANSWERED
    vn.idwallet.ffi.HistoryOutcome.FAILED -> HistoryOutcome.FAILED
    vn.idwallet.ffi.HistoryOutcome.REFUSED -> HistoryOutcome.REFUSED
}

internal fun vn.idwallet.ffi.ReaderState.toApi(): ReaderState = when (this) {
    vn.idwallet.ffi.ReaderState.ABSENT -> ReaderState.ABSENT
    vn.idwallet.ffi.ReaderState.INVALID -> ReaderState.INVALID
    vn.idwallet.ffi.ReaderState.UNTRUSTED -> ReaderState.UNTRUSTED
    vn.idwallet.ffi.ReaderState.VERIFIED -> ReaderState.VERIFIED
}

internal fun vn.idwallet.ffi.EndReason.toApi(): EndReason = when (this) {
    vn.idwallet.ffi.EndReason.FINISHED -> EndReason.FINISHED
    vn.idwallet.ffi.EndReason.FINISHED_BY_PEER -> EndReason.FINISHED_BY_PEER
    vn.idwallet.ffi.EndReason.DECLINED -> EndReason.DECLINED
    vn.idwallet.ffi.EndReason.PEER_ERROR -> EndReason.PEER_ERROR
    vn.idwallet.ffi.EndReason.REFUSED -> EndReason.REFUSED
    vn.idwallet.ffi.EndReason.TIMED_OUT -> EndReason.TIMED_OUT
    vn.idwallet.ffi.EndReason.CANCELLED -> EndReason.CANCELLED
    vn.idwallet.ffi.EndReason.CONNECTION_LOST -> EndReason.CONNECTION_LOST
}

internal fun vn.idwallet.ffi.ReasonKind.toApi(): ReasonKind = when (this) {
    vn.idwallet.ffi.ReasonKind.INVALID -> ReasonKind.INVALID
    vn.idwallet.ffi.ReasonKind.UNTRUSTED -> ReasonKind.UNTRUSTED
    vn.idwallet.ffi.ReasonKind.NOT_YET_VALID -> ReasonKind.NOT_YET_VALID
    vn.idwallet.ffi.ReasonKind.EXPIRED -> ReasonKind.EXPIRED
    vn.idwallet.ffi.ReasonKind.REVOKED -> ReasonKind.REVOKED
    vn.idwallet.ffi.ReasonKind.SUSPENDED -> ReasonKind.SUSPENDED
    vn.idwallet.ffi.ReasonKind.STATUS_UNKNOWN -> ReasonKind.STATUS_UNKNOWN
    vn.idwallet.ffi.ReasonKind.NOT_BOUND -> ReasonKind.NOT_BOUND
    vn.idwallet.ffi.ReasonKind.REQUEST_MISMATCH -> ReasonKind.REQUEST_MISMATCH
    vn.idwallet.ffi.ReasonKind.NOT_CHECKED -> ReasonKind.NOT_CHECKED
    vn.idwallet.ffi.ReasonKind.ACCOUNT_LEVEL -> ReasonKind.ACCOUNT_LEVEL
    vn.idwallet.ffi.ReasonKind.KNOWLEDGE_TOO_OLD -> ReasonKind.KNOWLEDGE_TOO_OLD
    vn.idwallet.ffi.ReasonKind.RESPONSE -> ReasonKind.RESPONSE
}

internal fun vn.idwallet.ffi.CheckState.toApi(): CheckState = when (this) {
    vn.idwallet.ffi.CheckState.PASSED -> CheckState.PASSED
    vn.idwallet.ffi.CheckState.WARNED -> CheckState.WARNED
    vn.idwallet.ffi.CheckState.FAILED -> CheckState.FAILED
    vn.idwallet.ffi.CheckState.SKIPPED -> CheckState.SKIPPED
}

internal fun vn.idwallet.ffi.TrustState.toApi(): TrustState = when (this) {
    vn.idwallet.ffi.TrustState.TRUSTED -> TrustState.TRUSTED
    vn.idwallet.ffi.TrustState.UNTRUSTED -> TrustState.UNTRUSTED
    vn.idwallet.ffi.TrustState.NOT_CHECKED -> TrustState.NOT_CHECKED
}

internal fun Curve.toFfi(): vn.idwallet.ffi.Curve = when (this) {
    Curve.P256 -> vn.idwallet.ffi.Curve.P256
    Curve.P384 -> vn.idwallet.ffi.Curve.P384
    Curve.P521 -> vn.idwallet.ffi.Curve.P521
    Curve.BRAINPOOL_P256R1 -> vn.idwallet.ffi.Curve.BRAINPOOL_P256R1
    Curve.BRAINPOOL_P320R1 -> vn.idwallet.ffi.Curve.BRAINPOOL_P320R1
    Curve.BRAINPOOL_P384R1 -> vn.idwallet.ffi.Curve.BRAINPOOL_P384R1
    Curve.BRAINPOOL_P512R1 -> vn.idwallet.ffi.Curve.BRAINPOOL_P512R1
    Curve.ED25519 -> vn.idwallet.ffi.Curve.ED25519
    Curve.ED448 -> vn.idwallet.ffi.Curve.ED448
    Curve.X25519 -> vn.idwallet.ffi.Curve.X25519
    Curve.X448 -> vn.idwallet.ffi.Curve.X448
}

internal fun KeyPurpose.toFfi(): vn.idwallet.ffi.KeyPurpose = when (this) {
    KeyPurpose.SIGN -> vn.idwallet.ffi.KeyPurpose.SIGN
    KeyPurpose.AGREE -> vn.idwallet.ffi.KeyPurpose.AGREE
    KeyPurpose.SIGN_OR_AGREE -> vn.idwallet.ffi.KeyPurpose.SIGN_OR_AGREE
}

internal fun SecurityLevel.toFfi(): vn.idwallet.ffi.SecurityLevel = when (this) {
    SecurityLevel.SOFTWARE -> vn.idwallet.ffi.SecurityLevel.SOFTWARE
    SecurityLevel.TRUSTED_ENVIRONMENT -> vn.idwallet.ffi.SecurityLevel.TRUSTED_ENVIRONMENT
    SecurityLevel.SECURE_ELEMENT -> vn.idwallet.ffi.SecurityLevel.SECURE_ELEMENT
}

internal fun Counters.toFfi(): vn.idwallet.ffi.Counters = when (this) {
    Counters.NONE -> vn.idwallet.ffi.Counters.NONE
    Counters.FILE -> vn.idwallet.ffi.Counters.FILE
    Counters.HARDWARE -> vn.idwallet.ffi.Counters.HARDWARE
}

internal fun Strictness.toFfi(): vn.idwallet.ffi.Strictness = when (this) {
    Strictness.ISO -> vn.idwallet.ffi.Strictness.ISO
    Strictness.GENERIC -> vn.idwallet.ffi.Strictness.GENERIC
    Strictness.LENIENT -> vn.idwallet.ffi.Strictness.LENIENT
}

internal fun MessageKind.toFfi(): vn.idwallet.ffi.MessageKind = when (this) {
    MessageKind.REQUEST -> vn.idwallet.ffi.MessageKind.REQUEST
    MessageKind.RESPONSE -> vn.idwallet.ffi.MessageKind.RESPONSE
}
