package vn.idwallet.sample

import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Paint
import java.io.ByteArrayOutputStream
import java.time.Instant
import vn.idwallet.Approval
import vn.idwallet.ApprovedDocument
import vn.idwallet.AskedElement
import vn.idwallet.Candidate
import vn.idwallet.Claim
import vn.idwallet.ClaimValue
import vn.idwallet.DamagedDocument
import vn.idwallet.DocumentList
import vn.idwallet.DocumentOutcome
import vn.idwallet.DocumentReport
import vn.idwallet.DocumentState
import vn.idwallet.DocumentSummary
import vn.idwallet.DocumentView
import vn.idwallet.Exported
import vn.idwallet.GivenElement
import vn.idwallet.History
import vn.idwallet.HistoryEntry
import vn.idwallet.HistoryNames
import vn.idwallet.HistoryOutcome
import vn.idwallet.LocalizedText
import vn.idwallet.MissingElement
import vn.idwallet.OfferedElement
import vn.idwallet.PlannedDocument
import vn.idwallet.ReaderState
import vn.idwallet.ReaderView
import vn.idwallet.Reason
import vn.idwallet.ReasonKind
import vn.idwallet.Report
import vn.idwallet.RequestedDocument
import vn.idwallet.Restored
import vn.idwallet.Review
import vn.idwallet.Sensitivity
import vn.idwallet.TrustResult
import vn.idwallet.TrustState
import vn.idwallet.VerifiedClaim
import vn.idwallet.VerifiedDocument

/** Values as the library gives them, always the same, for pictures that are to be compared. Every person in them is made up. */
object Samples {
    private fun t(vi: String, en: String) = LocalizedText(vi, en)
    private fun at(text: String) = Instant.parse(text)

    private const val ID = "org.iso.23220.photoID.1"
    private const val NS = "vn.id.1"
    private val idTitle = t("Thẻ căn cước", "Citizen identity card")
    private val licenceTitle = t("Giấy phép lái xe", "Driving licence")
    private const val ISSUER = "Cục Quản lý thử nghiệm"

    private fun summary(
        id: String, title: LocalizedText, summary: LocalizedText, state: DocumentState = DocumentState.ACTIVE,
        stateText: LocalizedText = t("Đang có giá trị", "Valid"), ward: LocalizedText? = null, reissue: LocalizedText? = null,
    ) = DocumentSummary(
        id, ID, title, summary, ISSUER, "VN", at("2026-02-26T00:00:00Z"), at("2027-02-26T00:00:00Z"), state, stateText, 3, 2, reissue, ward,
        at("2026-03-01T02:00:00Z"),
    )

    val card = summary(
        "1", idTitle, t("Căn cước (từ 01/07/2024) · Có giá trị đến: 15/02/2030", "Identity card (from 1 July 2024) · Date of expiry: 2030-02-15"),
    )

    val documents = DocumentList(
        listOf(
            card,
            summary(
                "2", licenceTitle, t("A1; B · Có giá trị đến: 10/04/2035", "A1; B · Date of expiry: 2035-04-10"),
                reissue = t("Sắp hết bản sao: hãy lấy bản mới khi có mạng.", "Copies are running out: fetch new ones when there is a network."),
            ),
            summary(
                "3", t("Thẻ bảo hiểm y tế", "Health insurance card"), t("Có giá trị đến: 31/12/2026", "Valid until: 2026-12-31"),
                ward = t("Nguyễn Thị Mẫu, con", "Nguyễn Thị Mẫu, child"),
            ),
            summary(
                "4", t("Chứng nhận đăng ký xe", "Vehicle registration"), t("00A-000.17 · Mẫu Xe · TN15", "00A-000.17 · Mẫu Xe · TN15"),
                DocumentState.REVOKED, t("Cơ quan cấp đã thu hồi giấy tờ này.", "The issuer has revoked this document."),
            ),
        ),
        listOf(DamagedDocument("5", t("Dữ liệu bị hỏng và được để riêng. Hãy khôi phục từ bản sao lưu.", "Its data is damaged and was set aside. Restore it from a backup."))),
    )

    /** A face that belongs to nobody. */
    val portrait: ByteArray by lazy {
        val bitmap = Bitmap.createBitmap(240, 300, Bitmap.Config.ARGB_8888)
        val canvas = Canvas(bitmap)
        val paint = Paint(Paint.ANTI_ALIAS_FLAG)
        canvas.drawColor(Color.rgb(0xBF, 0xD6, 0xCC))
        paint.color = Color.rgb(0x0A, 0x54, 0x45)
        canvas.drawOval(20f, 200f, 220f, 420f, paint)
        paint.color = Color.rgb(0xE8, 0xC4, 0xA2)
        canvas.drawOval(75f, 70f, 165f, 195f, paint)
        paint.color = Color.rgb(0x2B, 0x22, 0x1D)
        canvas.drawArc(68f, 52f, 172f, 170f, 180f, 180f, true, paint)
        ByteArrayOutputStream().also { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }.toByteArray()
    }

    private fun claim(
        element: String, label: LocalizedText, shown: LocalizedText, sensitivity: Sensitivity = Sensitivity.NORMAL,
        givesAway: List<LocalizedText> = emptyList(), meanings: List<LocalizedText> = emptyList(),
    ) = Claim(NS, element, label, sensitivity, givesAway, shown, meanings, null, ByteArray(0))

    private val fullName = t("Họ, chữ đệm và tên", "Full name")
    private val birthDate = t("Ngày sinh", "Date of birth")
    private val number = t("Số định danh cá nhân", "Personal number")
    private val religion = t("Tôn giáo", "Religion")
    private val residence = t("Nơi cư trú", "Place of residence")
    private val portraitLabel = t("Ảnh chân dung", "Portrait")
    private val name = t("Nguyễn Hoàng Văn Mẫu", "Nguyễn Hoàng Văn Mẫu")
    private val born = t("15/02/1990", "15 Feb 1990")
    private val numberTells = listOf(t("năm sinh", "year of birth"), t("giới tính", "sex"), t("nơi đăng ký khai sinh", "province of birth registration"))

    val detail = DocumentView(
        card,
        listOf(
            Claim("org.iso.23220.1", "portrait", portraitLabel, Sensitivity.SENSITIVE, emptyList(), t("ảnh", "picture"), emptyList(), portrait, ByteArray(0)),
            claim("full_name", fullName, name),
            claim("birth_date", birthDate, born),
            claim("sex", t("Giới tính", "Sex"), t("Nam", "Male"), meanings = listOf(t("mã 1", "code 1"))),
            claim("personal_number", number, t("003090000017", "003090000017"), Sensitivity.SENSITIVE, numberTells),
            claim("residence", residence, t("Số 17 đường Mẫu, phường Thử, tỉnh Ví Dụ", "Số 17 đường Mẫu, phường Thử, tỉnh Ví Dụ")),
            claim("religion", religion, t("Không", "None"), Sensitivity.VERY_SENSITIVE),
        ),
    )

    private fun asked(element: String, label: LocalizedText, sensitivity: Sensitivity = Sensitivity.NORMAL, retain: Boolean = false) =
        AskedElement(NS, element, label, sensitivity, retain)

    private fun offered(asked: AskedElement, shown: LocalizedText, preselected: Boolean, tells: List<LocalizedText> = emptyList()) =
        OfferedElement(asked, listOf(GivenElement(NS, asked.element, asked.label, asked.sensitivity, shown, emptyList(), tells)), preselected)

    private val elements = listOf(
        offered(asked("full_name", fullName), name, true),
        offered(asked("birth_date", birthDate, retain = true), born, true),
        offered(asked("portrait", portraitLabel, Sensitivity.SENSITIVE), t("ảnh", "picture"), false),
        offered(asked("personal_number", number, Sensitivity.SENSITIVE), t("003090000017", "003090000017"), false, numberTells),
        offered(asked("religion", religion, Sensitivity.VERY_SENSITIVE), t("Không", "None"), false),
    )
    private val missing = asked("old_id_numbers", t("Số chứng minh nhân dân cũ", "Old identity card numbers"))

    private val shop = ReaderView(
        ReaderState.VERIFIED, "Cửa hàng góc phố", "Công ty Mẫu", "VN",
        t("Cửa hàng góc phố, đã được xác minh.", "Cửa hàng góc phố, verified."), null,
    )

    private fun request(reader: ReaderView) = RequestedDocument(
        ID, idTitle, reader, null, elements.map { it.asked } + missing,
        listOf(
            Candidate(
                "1", card.summary, ISSUER, card.validUntil, null, null, false, null, elements,
                listOf(MissingElement(missing, t("Giấy tờ này không có mục đó.", "This document does not have it."))), false, emptyList(),
            ),
        ),
        emptyList(), null,
    )

    val review = Review(ByteArray(0), true, false, listOf(request(shop)), emptyList())

    /** Somebody who claims to be someone, falsely; and a document that is not there. */
    private val impostor = ReaderView(
        ReaderState.INVALID, null, null, null,
        t("Bên hỏi đưa ra bằng chứng danh tính giả. Hãy từ chối.", "Whoever asks gave a false proof of who they are. Decline."),
        t("chữ ký sai", "the signature is wrong"),
    )

    /** Somebody who claims to be someone, falsely; and a document that is not there. */
    val badReview = Review(
        ByteArray(0), true, true,
        listOf(
            request(impostor),
            RequestedDocument(
                ID, licenceTitle, impostor, 2, emptyList(), emptyList(), emptyList(),
                t("Ví của bạn không có giấy phép lái xe nào còn giá trị.", "Your wallet has no driving licence that is valid."),
            ),
        ),
        emptyList(),
    )

    val preselected = Approval(listOf(ApprovedDocument(0, "1", elements.filter { it.preselected }.map { it.asked.name })))
    val nothing = Approval(emptyList())
    val givesAway = listOf(t("Ngày sinh cho biết tuổi của bạn.", "Your date of birth tells your age."))

    private fun verified(element: String, label: LocalizedText, shown: LocalizedText) =
        VerifiedClaim(NS, element, label, ClaimValue.Text(shown.en), shown)

    private val document = VerifiedDocument(
        ID, idTitle,
        listOf(verified("age_over_18", t("Đã đủ 18 tuổi", "18 or older"), t("Có", "Yes")), verified("full_name", fullName, name)),
        portrait, true, card.validFrom, card.validUntil, ISSUER, "VN",
    )

    private fun report(outcome: DocumentOutcome, reasons: List<Reason>) = Report(
        reasons.isEmpty(), at("2026-04-02T03:15:00Z"),
        listOf(DocumentReport(ID, idTitle, outcome, emptyList(), TrustResult(TrustState.TRUSTED, "C=VN, CN=Mẫu", null))), emptyList(), reasons,
    )

    val accepted = report(DocumentOutcome.Accepted(document), emptyList())

    private val reasons = listOf(
        Reason(
            ReasonKind.INVALID, "digests", t("Họ, chữ đệm và tên đã bị sửa sau khi cấp.", "Full name was altered after the document was issued."),
            "ISO/IEC 18013-5 9.3.1",
        ),
        Reason(
            ReasonKind.UNTRUSTED, "issuer_chain", t("Không có cơ quan nào mà máy này tin đứng ra bảo đảm cho nơi cấp.", "No authority that this reader trusts vouches for the issuer."),
            "ISO/IEC 18013-5 9.3.3",
        ),
    )
    val refused = report(DocumentOutcome.Refused(reasons), reasons)

    private fun entry(
        sequence: Long, time: String, event: LocalizedText, outcome: HistoryOutcome, outcomeText: LocalizedText, who: LocalizedText?,
        asked: List<HistoryNames> = emptyList(), shared: List<HistoryNames> = emptyList(), code: String? = null,
    ) = HistoryEntry(sequence, at(time), "presentation", event, outcome, outcomeText, who, asked, shared, listOf(idTitle), event, code)

    private val asksToSee = t("Hỏi xem giấy tờ", "Asked to see documents")

    val history = History(
        listOf(
            entry(
                5, "2026-03-01T02:00:00Z", t("Nhận giấy tờ vào ví", "A document was taken into the wallet"), HistoryOutcome.DONE, t("xong", "done"),
                t("Cơ quan cấp: $ISSUER", "Issuer: $ISSUER"),
            ),
            entry(
                7, "2026-04-02T03:15:00Z", asksToSee, HistoryOutcome.SHOWN, t("đã đưa", "shown"), t("Cửa hàng góc phố (đã xác minh)", "Cửa hàng góc phố (verified)"),
                listOf(HistoryNames(idTitle, listOf(fullName, birthDate, portraitLabel), listOf(birthDate))),
                listOf(HistoryNames(idTitle, listOf(fullName, birthDate), emptyList())),
            ),
            entry(
                9, "2026-04-03T09:41:00Z", asksToSee, HistoryOutcome.CANCELLED, t("đã hủy, chưa có gì được gửi", "cancelled, nothing was sent"),
                t("Một bên đưa ra bằng chứng danh tính giả", "Someone with a false proof of who they are"),
                listOf(HistoryNames(idTitle, listOf(number), emptyList())), code = "W205",
            ),
        ),
        true, emptyList(), 0, emptyList(),
    )

    val protection = t(
        "Ví này khóa bằng mã PIN. Sau năm lần sai phải chờ. Khóa nằm trong phần cứng bảo mật của máy.",
        "This wallet is locked by a PIN. After five wrong ones there is a wait. Its keys are in this phone’s security hardware.",
    )

    val noDocuments = DocumentList(emptyList(), emptyList())

    val exported = Exported(2, listOf(licenceTitle, t("Thẻ bảo hiểm y tế", "Health insurance card")), 14)

    private val cannotMove = t("Khóa không chuyển sang máy này được; cần xin cấp lại.", "Its key cannot move to this device; ask for it to be issued again.")
    val planned = listOf(
        PlannedDocument(idTitle, card.summary, true, t("Sẽ được thêm vào ví.", "Will be added.")),
        PlannedDocument(licenceTitle, t("A1; B · Có giá trị đến: 10/04/2035", "A1; B · Date of expiry: 2035-04-10"), false, cannotMove),
        PlannedDocument(
            t("Thẻ bảo hiểm y tế", "Health insurance card"), t("Có giá trị đến: 31/12/2026", "Valid until: 2026-12-31"), false,
            t("Ví đã có giấy tờ này.", "The wallet has it already."),
        ),
    )
    val restored = Restored(listOf("1"), 1, 0, 1, 14)

    const val RECOVERY_CODE = "7K2MD-Q9W3X-4TR8B-HN5VZ-60PJC-E1FGA"

    const val PUBLIC_KEY = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n" +
        "6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n-----END PUBLIC KEY-----\n"

    const val QR = "mdoc:owBjMS4wAYIB2BhYS6QBAiABIVgg9zYxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAiWCAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTA"
}
