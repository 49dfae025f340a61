import Idwallet

/// The words of the app's own, in both languages. What the wallet has to say it says itself.
enum Words {
    static let documents = LocalizedText(vi: "Giấy tờ", en: "Documents")
    static let noDocuments = LocalizedText(vi: "Chưa có giấy tờ nào", en: "No documents yet")
    static let importDocument = LocalizedText(vi: "Thêm giấy tờ", en: "Add a document")
    static let remove = LocalizedText(vi: "Xoá giấy tờ", en: "Remove document")
    static let issuer = LocalizedText(vi: "Nơi cấp", en: "Issuer")
    static let validUntil = LocalizedText(vi: "Có giá trị đến", en: "Valid until")
    static let present = LocalizedText(vi: "Xuất trình", en: "Present")
    static let presentByCode = LocalizedText(vi: "Hiện mã QR", en: "Show a QR code")
    static let presentByCamera = LocalizedText(vi: "Quét màn hình máy đọc", en: "Scan the reader's screen")
    static let showToReader = LocalizedText(vi: "Đưa mã này cho máy đọc", en: "Show this code to the reader")
    static let showAnswer = LocalizedText(vi: "Đưa màn hình cho máy đọc", en: "Show this screen to the reader")
    static let waiting = LocalizedText(vi: "Đang chờ máy đọc…", en: "Waiting for the reader…")
    static let signing = LocalizedText(vi: "Đang ký…", en: "Signing…")
    static let share = LocalizedText(vi: "Đồng ý chia sẻ", en: "Share")
    static let decline = LocalizedText(vi: "Từ chối", en: "Decline")
    static let cancel = LocalizedText(vi: "Huỷ", en: "Cancel")
    static let asks = LocalizedText(vi: "Yêu cầu", en: "Asks for")
    static let willKeep = LocalizedText(vi: "Bên đọc sẽ lưu lại", en: "The reader will keep it")
    static let alsoReveals = LocalizedText(vi: "Cũng cho biết", en: "Also reveals")
    static let missing = LocalizedText(vi: "Không có", en: "Not there")
    static let history = LocalizedText(vi: "Lịch sử", en: "History")
    static let historyBroken = LocalizedText(vi: "Lịch sử đã bị thay đổi", en: "The history was tampered with")
    static let reader = LocalizedText(vi: "Máy đọc", en: "Reader")
    static let scan = LocalizedText(vi: "Quét mã QR", en: "Scan a QR code")
    static let askByScreen = LocalizedText(vi: "Hỏi qua màn hình", en: "Ask by screen")
    static let scanAnswer = LocalizedText(vi: "Quét câu trả lời", en: "Scan the answer")
    static let accepted = LocalizedText(vi: "Hợp lệ", en: "Accepted")
    static let refused = LocalizedText(vi: "Không hợp lệ", en: "Refused")
    static let noAnswer = LocalizedText(vi: "Không có câu trả lời", en: "No answer")
    static let enterPIN = LocalizedText(vi: "Nhập mã PIN", en: "Enter your PIN")
    static let setPIN = LocalizedText(vi: "Đặt mã PIN", en: "Set a PIN")
    static let unlock = LocalizedText(vi: "Mở khoá", en: "Unlock")
    static let lock = LocalizedText(vi: "Khoá", en: "Lock")
    static let triesLeft = LocalizedText(vi: "Số lần thử còn lại", en: "Tries left")
    static let waitSeconds = LocalizedText(vi: "Thử lại sau (giây)", en: "Try again in (seconds)")
    static let error = LocalizedText(vi: "Không thực hiện được", en: "That did not work")
    static let ok = LocalizedText(vi: "Đóng", en: "Close")
    static let done = LocalizedText(vi: "Xong", en: "Done")
    static let confirmOwner = LocalizedText(vi: "Xác nhận bạn là chủ thiết bị", en: "Confirm that this device is yours")
    static let deleteHistory = LocalizedText(vi: "Xoá lịch sử", en: "Delete history")
}

extension LocalizedText {
    /// The text in the language of the device.
    var text: String { localized }
}
