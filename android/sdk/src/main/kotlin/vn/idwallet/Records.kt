package vn.idwallet

import java.time.Instant
import kotlin.time.Duration.Companion.seconds

// From the values of the library to those of this package and back: names and units alone, no meaning.

internal fun Long.toInstant(): Instant = Instant.ofEpochSecond(coerceIn(Instant.MIN.epochSecond, Instant.MAX.epochSecond))

internal fun vn.idwallet.ffi.LocalizedText.toApi(): LocalizedText = LocalizedText(vi, en)

internal fun vn.idwallet.ffi.AnchorReport.toApi(): AnchorReport = AnchorReport(subject, findings)

internal fun vn.idwallet.ffi.Access.toApi(): Access = Access(
    needsPin = needsPin,
    hasRecoveryCode = hasRecoveryCode,
    isClosed = isClosed,
    isHeld = isHeld,
    triesLeft = triesLeft.toInt(),
    retryAfter = retryAfterSeconds.toLong().seconds,
)

internal fun vn.idwallet.ffi.HeldPapers.toApi(): HeldPapers = HeldPapers(docType, issuer, count.toInt())

internal fun vn.idwallet.ffi.DocumentSummary.toApi(): DocumentSummary = DocumentSummary(
    id = id,
    docType = docType,
    title = title.toApi(),
    summary = summary.toApi(),
    issuer = issuer,
    issuingCountry = issuingCountry,
    validFrom = validFrom.toInstant(),
    validUntil = validUntil.toInstant(),
    state = state.toApi(),
    stateText = stateText.toApi(),
    copiesTotal = copiesTotal.toInt(),
    copiesLeft = copiesLeft?.toInt(),
    reissueDue = reissueDue?.toApi(),
    ward = ward?.toApi(),
    importedAt = importedAt.toInstant(),
)

internal fun vn.idwallet.ffi.DamagedDocument.toApi(): DamagedDocument = DamagedDocument(id, text.toApi())

internal fun vn.idwallet.ffi.DocumentList.toApi(): DocumentList = DocumentList(
    documents = documents.map { it.toApi() },
    damaged = damaged.map { it.toApi() },
)

internal fun vn.idwallet.ffi.Claim.toApi(): Claim = Claim(
    nameSpace = nameSpace,
    element = element,
    label = label.toApi(),
    sensitivity = sensitivity.toApi(),
    givesAway = givesAway.map { it.toApi() },
    shown = shown.toApi(),
    meanings = meanings.map { it.toApi() },
    image = image,
    cbor = cbor,
)

internal fun vn.idwallet.ffi.DocumentView.toApi(): DocumentView = DocumentView(
    summary = summary.toApi(),
    claims = claims.map { it.toApi() },
)

internal fun vn.idwallet.ffi.DeviceKey.toApi(): DeviceKey = DeviceKey(publicKey, attestation?.toApi())

internal fun vn.idwallet.ffi.Finding.toApi(): Finding = Finding(code, isRefusal, text.toApi(), document)

internal fun vn.idwallet.ffi.Imported.toApi(): Imported = Imported(
    id = id,
    copies = copies.toInt(),
    warnings = warnings,
    findings = findings.map { it.toApi() },
    replaces = replaces,
)

internal fun vn.idwallet.ffi.StatusSource.toApi(): StatusSource = StatusSource(
    uri = uri,
    mediaType = mediaType,
    due = due?.toInstant(),
    documents = documents.toInt(),
)

internal fun vn.idwallet.ffi.StatusChange.toApi(): StatusChange = StatusChange(document, state.toApi(), text.toApi())

internal fun vn.idwallet.ffi.HistoryNames.toApi(): HistoryNames = HistoryNames(
    title = title.toApi(),
    names = names.map { it.toApi() },
    retained = retained.map { it.toApi() },
)

internal fun vn.idwallet.ffi.HistoryEntry.toApi(): HistoryEntry = HistoryEntry(
    sequence = sequence.toLong(),
    at = at.toInstant(),
    event = event,
    eventText = eventText.toApi(),
    outcome = outcome.toApi(),
    outcomeText = outcomeText.toApi(),
    who = who?.toApi(),
    asked = asked.map { it.toApi() },
    shared = shared.map { it.toApi() },
    documents = documents.map { it.toApi() },
    text = text.toApi(),
    code = code,
)

internal fun vn.idwallet.ffi.History.toApi(): History = History(
    entries = entries.map { it.toApi() },
    intact = intact,
    problems = problems.map { it.toApi() },
    deleted = deleted.toLong(),
    past = past.map { it.toApi() },
)

internal fun vn.idwallet.ffi.Exported.toApi(): Exported = Exported(
    documents = documents.toInt(),
    toBeReissued = toBeReissued.map { it.toApi() },
    history = history.toInt(),
)

internal fun vn.idwallet.ffi.PlannedDocument.toApi(): PlannedDocument = PlannedDocument(
    title = title.toApi(),
    summary = summary.toApi(),
    isAdded = isAdded,
    actionText = actionText.toApi(),
)

internal fun vn.idwallet.ffi.Restored.toApi(): Restored = Restored(
    added = added,
    skipped = skipped.toInt(),
    leftOut = leftOut.toInt(),
    toBeReissued = toBeReissued.toInt(),
    history = history.toInt(),
)

internal fun vn.idwallet.ffi.ReaderView.toApi(): ReaderView = ReaderView(
    state = state.toApi(),
    name = name,
    organization = organization,
    country = country,
    text = text.toApi(),
    reason = reason?.toApi(),
)

internal fun vn.idwallet.ffi.ElementName.toApi(): ElementName = ElementName(nameSpace, element)

internal fun vn.idwallet.ffi.AskedElement.toApi(): AskedElement = AskedElement(
    nameSpace = nameSpace,
    element = element,
    label = label.toApi(),
    sensitivity = sensitivity.toApi(),
    intentToRetain = intentToRetain,
)

internal fun vn.idwallet.ffi.GivenElement.toApi(): GivenElement = GivenElement(
    nameSpace = nameSpace,
    element = element,
    label = label.toApi(),
    sensitivity = sensitivity.toApi(),
    shown = shown.toApi(),
    meanings = meanings.map { it.toApi() },
    givesAway = givesAway.map { it.toApi() },
)

internal fun vn.idwallet.ffi.OfferedElement.toApi(): OfferedElement = OfferedElement(
    asked = asked.toApi(),
    gives = gives.map { it.toApi() },
    preselected = preselected,
)

internal fun vn.idwallet.ffi.MissingElement.toApi(): MissingElement = MissingElement(asked.toApi(), reason.toApi())

internal fun vn.idwallet.ffi.Candidate.toApi(): Candidate = Candidate(
    document = document,
    summary = summary.toApi(),
    issuer = issuer,
    validUntil = validUntil.toInstant(),
    ward = ward?.toApi(),
    authority = authority?.toApi(),
    copyAgain = copyAgain,
    reissueDue = reissueDue?.toApi(),
    elements = elements.map { it.toApi() },
    missing = missing.map { it.toApi() },
    portraitIsDue = portraitIsDue,
    warnings = warnings.map { it.toApi() },
)

internal fun vn.idwallet.ffi.UnsuitableDocument.toApi(): UnsuitableDocument = UnsuitableDocument(
    document = document,
    reason = reason.toApi(),
)

internal fun vn.idwallet.ffi.RequestedDocument.toApi(): RequestedDocument = RequestedDocument(
    docType = docType,
    title = title.toApi(),
    reader = reader.toApi(),
    accountLevel = accountLevel?.toInt(),
    asked = asked.map { it.toApi() },
    candidates = candidates.map { it.toApi() },
    unsuitable = unsuitable.map { it.toApi() },
    whyNone = whyNone?.toApi(),
)

internal fun vn.idwallet.ffi.UseCase.toApi(): UseCase = UseCase(
    mandatory = mandatory,
    sets = sets.map { set -> set.map { it.toInt() } },
    proposed = proposed?.toInt(),
)

internal fun vn.idwallet.ffi.Review.toApi(): Review = Review(
    handle = handle,
    canAnswer = canAnswer,
    hasBadReader = hasBadReader,
    requests = requests.map { it.toApi() },
    useCases = useCases.map { it.toApi() },
)

internal fun vn.idwallet.ffi.ApprovedDocument.toApi(): ApprovedDocument = ApprovedDocument(
    request = request.toInt(),
    document = document,
    elements = elements.map { it.toApi() },
)

internal fun vn.idwallet.ffi.Approval.toApi(): Approval = Approval(choices.map { it.toApi() }, again)

internal fun vn.idwallet.ffi.SharedDocument.toApi(): SharedDocument = SharedDocument(
    request = request.toInt(),
    document = document,
    elements = elements.map { it.toApi() },
    copiesLeft = copiesLeft?.toInt(),
    reissueDue = reissueDue?.toApi(),
)

internal fun vn.idwallet.ffi.Answer.toApi(): Answer = Answer(
    shared = shared.map { it.toApi() },
    withheld = withheld.map { it.toInt() },
    logged = logged,
)

internal fun vn.idwallet.ffi.CameraAnswer.toApi(): CameraAnswer = CameraAnswer(answer.toApi(), screenMessage)

internal fun vn.idwallet.ffi.RequestTemplate.toApi(): RequestTemplate = RequestTemplate(id, title.toApi())

internal fun vn.idwallet.ffi.Reason.toApi(): Reason = Reason(kind.toApi(), check, text.toApi(), clause)

internal fun vn.idwallet.ffi.CheckReport.toApi(): CheckReport = CheckReport(id, state.toApi(), clause, reason?.toApi())

internal fun vn.idwallet.ffi.TrustResult.toApi(): TrustResult = TrustResult(state.toApi(), anchor, reason?.toApi())

internal fun vn.idwallet.ffi.VerifiedClaim.toApi(): VerifiedClaim = VerifiedClaim(
    nameSpace = nameSpace,
    element = element,
    label = label.toApi(),
    value = value.toApi(),
    shown = shown.toApi(),
)

internal fun vn.idwallet.ffi.VerifiedDocument.toApi(): VerifiedDocument = VerifiedDocument(
    docType = docType,
    title = title.toApi(),
    claims = claims.map { it.toApi() },
    portrait = portrait,
    isBound = isBound,
    validFrom = validFrom.toInstant(),
    validUntil = validUntil.toInstant(),
    issuer = issuer,
    issuingCountry = issuingCountry,
)

internal fun vn.idwallet.ffi.DocumentReport.toApi(): DocumentReport = DocumentReport(
    claimedType = claimedType,
    title = title.toApi(),
    outcome = outcome.toApi(),
    checks = checks.map { it.toApi() },
    trust = trust.toApi(),
)

internal fun vn.idwallet.ffi.Report.toApi(): Report = Report(
    accepted = accepted,
    checkedAt = checkedAt.toInstant(),
    documents = documents.map { it.toApi() },
    problems = problems.map { it.toApi() },
    reasons = reasons.map { it.toApi() },
)

internal fun vn.idwallet.ffi.FrameProgress.toApi(): FrameProgress = FrameProgress(
    received = received.toInt(),
    needed = needed.toInt(),
    complete = complete,
)

internal fun vn.idwallet.ffi.WalletException.toApi(): WalletException = when (this) {
    is vn.idwallet.ffi.WalletException.UserCancelled -> WalletException.UserCancelled(info.toApi(this))
    is vn.idwallet.ffi.WalletException.UserAuthRequired -> WalletException.UserAuthRequired(info.toApi(this))
    is vn.idwallet.ffi.WalletException.KeyInvalidated -> WalletException.KeyInvalidated(info.toApi(this), documents)
    is vn.idwallet.ffi.WalletException.Locked ->
        WalletException.Locked(info.toApi(this), retryAfterSeconds?.toLong()?.seconds, triesLeft?.toInt())
    is vn.idwallet.ffi.WalletException.Issuer -> WalletException.Issuer(info.toApi(this))
    is vn.idwallet.ffi.WalletException.Verifier -> WalletException.Verifier(info.toApi(this))
    is vn.idwallet.ffi.WalletException.Untrusted -> WalletException.Untrusted(info.toApi(this))
    is vn.idwallet.ffi.WalletException.InvalidRequest -> WalletException.InvalidRequest(info.toApi(this))
    is vn.idwallet.ffi.WalletException.Expired -> WalletException.Expired(info.toApi(this))
    is vn.idwallet.ffi.WalletException.InvalidState -> WalletException.InvalidState(info.toApi(this), document)
    is vn.idwallet.ffi.WalletException.Unsupported -> WalletException.Unsupported(info.toApi(this))
    is vn.idwallet.ffi.WalletException.Storage -> WalletException.Storage(info.toApi(this))
    is vn.idwallet.ffi.WalletException.Backup -> WalletException.Backup(info.toApi(this))
    is vn.idwallet.ffi.WalletException.Internal -> WalletException.Internal(info.toApi(this))
}

private fun vn.idwallet.ffi.ErrorInfo.toApi(cause: Throwable): ErrorInfo =
    ErrorInfo(code, reaction.toApi(), text.toApi(), detail, cause)

internal fun vn.idwallet.ffi.ClaimValue.toApi(): ClaimValue = when (this) {
    is vn.idwallet.ffi.ClaimValue.Text -> ClaimValue.Text(value)
    is vn.idwallet.ffi.ClaimValue.Bytes -> ClaimValue.Bytes(value)
    is vn.idwallet.ffi.ClaimValue.Boolean -> ClaimValue.Bool(value)
    is vn.idwallet.ffi.ClaimValue.Integer -> ClaimValue.Integer(value)
    is vn.idwallet.ffi.ClaimValue.Date -> ClaimValue.Date(value)
    is vn.idwallet.ffi.ClaimValue.Json -> ClaimValue.Json(value)
}

internal fun vn.idwallet.ffi.DocumentOutcome.toApi(): DocumentOutcome = when (this) {
    is vn.idwallet.ffi.DocumentOutcome.Accepted -> DocumentOutcome.Accepted(document.toApi())
    is vn.idwallet.ffi.DocumentOutcome.Refused -> DocumentOutcome.Refused(reasons.map { it.toApi() })
}

internal fun vn.idwallet.ffi.CameraOutcome.toApi(): CameraOutcome = when (this) {
    is vn.idwallet.ffi.CameraOutcome.Verified -> CameraOutcome.Verified(report.toApi())
    is vn.idwallet.ffi.CameraOutcome.NoAnswer -> CameraOutcome.NoAnswer(text.toApi())
}

internal fun vn.idwallet.ffi.Attestation.toApi(): Attestation = when (this) {
    is vn.idwallet.ffi.Attestation.AndroidKey -> Attestation.AndroidKey(certificates)
    is vn.idwallet.ffi.Attestation.AppleAppAttest -> Attestation.AppleAppAttest(`object`)
    is vn.idwallet.ffi.Attestation.Software -> Attestation.Software(proof)
}

internal fun vn.idwallet.ffi.Authentication.toApi(): Authentication = when (this) {
    is vn.idwallet.ffi.Authentication.None -> Authentication.None
    is vn.idwallet.ffi.Authentication.DeviceUnlocked -> Authentication.DeviceUnlocked
    is vn.idwallet.ffi.Authentication.EveryUse -> Authentication.EveryUse
    is vn.idwallet.ffi.Authentication.BiometryEveryUse -> Authentication.BiometryEveryUse
    is vn.idwallet.ffi.Authentication.Within -> Authentication.Within(seconds.coerceAtMost(Int.MAX_VALUE.toUInt()).toInt())
}

internal fun vn.idwallet.ffi.KeySpec.toApi(): KeySpec =
    KeySpec(curve.toApi(), purpose.toApi(), authentication.toApi(), attestationChallenge)

internal fun AreaCapabilities.toFfi(): vn.idwallet.ffi.AreaCapabilities = vn.idwallet.ffi.AreaCapabilities(
    securityLevel = securityLevel.toFfi(),
    signCurves = signCurves.map { it.toFfi() },
    agreeCurves = agreeCurves.map { it.toFfi() },
    signOrAgree = signOrAgree,
    attestation = attestation,
    authentication = authentication,
    counters = counters.toFfi(),
)

internal fun Attestation.toFfi(): vn.idwallet.ffi.Attestation = when (this) {
    is Attestation.AndroidKey -> vn.idwallet.ffi.Attestation.AndroidKey(certificates)
    is Attestation.AppleAppAttest -> vn.idwallet.ffi.Attestation.AppleAppAttest(attestationObject)
    is Attestation.Software -> vn.idwallet.ffi.Attestation.Software(proof)
}

internal fun CreatedKey.toFfi(): vn.idwallet.ffi.CreatedKey = vn.idwallet.ffi.CreatedKey(id, publicKey, attestation?.toFfi())

internal fun Authentication.toFfi(): vn.idwallet.ffi.Authentication = when (this) {
    Authentication.None -> vn.idwallet.ffi.Authentication.None
    Authentication.DeviceUnlocked -> vn.idwallet.ffi.Authentication.DeviceUnlocked
    Authentication.EveryUse -> vn.idwallet.ffi.Authentication.EveryUse
    Authentication.BiometryEveryUse -> vn.idwallet.ffi.Authentication.BiometryEveryUse
    is Authentication.Within -> vn.idwallet.ffi.Authentication.Within(seconds.coerceAtLeast(0).toUInt())
}

internal fun KeySpec.toFfi(): vn.idwallet.ffi.KeySpec =
    vn.idwallet.ffi.KeySpec(curve.toFfi(), purpose.toFfi(), authentication.toFfi(), attestationChallenge)

internal fun NewCopy.toFfi(): vn.idwallet.ffi.NewCopy = vn.idwallet.ffi.NewCopy(issuerSigned, deviceKey)

internal fun ElementName.toFfi(): vn.idwallet.ffi.ElementName = vn.idwallet.ffi.ElementName(nameSpace, element)

internal fun Approval.toFfi(): vn.idwallet.ffi.Approval = vn.idwallet.ffi.Approval(choices.map { it.toFfi() }, again)

private fun ApprovedDocument.toFfi() = vn.idwallet.ffi.ApprovedDocument(request.toUInt(), document, elements.map { it.toFfi() })

internal fun PresentOptions.toFfi(): vn.idwallet.ffi.PresentOptions =
    vn.idwallet.ffi.PresentOptions(streamAddress)

internal fun ReaderPolicy.toFfi(): vn.idwallet.ffi.ReaderPolicy = vn.idwallet.ffi.ReaderPolicy(
    strictness = strictness.toFfi(),
    maxSnapshotAgeSeconds = maxSnapshotAge?.inWholeSeconds?.coerceAtLeast(0)?.toULong(),
    requireRevocation = requireRevocation,
    requireStatus = requireStatus,
    requireAllElements = requireAllElements,
    accountLevel = accountLevel?.coerceIn(0, 255)?.toUByte(),
)

internal fun ReaderIdentity.toFfi(): vn.idwallet.ffi.ReaderIdentity = vn.idwallet.ffi.ReaderIdentity(privateKey, chain)

internal fun ReaderRequest.toFfi(): vn.idwallet.ffi.ReaderRequest = when (this) {
    is ReaderRequest.Template -> vn.idwallet.ffi.ReaderRequest.Template(id)
    is ReaderRequest.Elements -> vn.idwallet.ffi.ReaderRequest.Elements(documents.map { it.toFfi() })
}

private fun RequestedItems.toFfi() = vn.idwallet.ffi.RequestedItems(
    docType,
    elements.map { vn.idwallet.ffi.RequestedItem(it.nameSpace, it.element, it.intentToRetain) },
)
