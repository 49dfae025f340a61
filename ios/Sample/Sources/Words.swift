import Idwallet

/// The words of the app's own, in both languages. What the wallet has to say it says itself.
enum Words {
    static let documents = LocalizedText(vi: "Giấy tờ", en: "Documents")
    static let noDocuments = LocalizedText(vi: "Chưa có giấy tờ nào", en: "No documents yet")
    static let importDocument = LocalizedText(vi: "Thêm giấy tờ", en: "Add a document")
    static let remove = LocalizedText(vi: "Xóa giấy tờ", en: "Remove document")
    static let removeSure = LocalizedText(
        vi: "Xóa giấy tờ này và khóa của nó khỏi ví? Bạn chỉ có lại được từ một bản sao lưu chứa giấy tờ này, hoặc phải xin cấp lại.",
        en: "Remove this document and its keys? You could have it again only from a backup that holds it, or from the issuer.")
    static let tooLarge = LocalizedText(
        vi: "Tệp này quá lớn so với một giấy tờ. Hãy chọn tệp khác.",
        en: "This file is too large for a document. Choose another one.")
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
    static let cancel = LocalizedText(vi: "Hủy", en: "Cancel")
    static let asks = LocalizedText(vi: "Yêu cầu", en: "Asks for")
    static let willKeep = LocalizedText(vi: "Bên đọc sẽ lưu lại", en: "The reader will keep it")
    static let alsoReveals = LocalizedText(vi: "Cũng cho biết", en: "Also reveals")
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
    static let unlock = LocalizedText(vi: "Mở khóa", en: "Unlock")
    static let lock = LocalizedText(vi: "Khóa", en: "Lock")
    static let triesLeft = LocalizedText(vi: "Số lần thử còn lại", en: "Tries left")
    static let waitSeconds = LocalizedText(vi: "Thử lại sau (giây)", en: "Try again in (seconds)")
    static let error = LocalizedText(vi: "Không thực hiện được", en: "That did not work")
    static let ok = LocalizedText(vi: "Đóng", en: "Close")
    static let done = LocalizedText(vi: "Xong", en: "Done")
    static let confirmOwner = LocalizedText(vi: "Xác nhận bạn là chủ thiết bị", en: "Confirm that this device is yours")
    static let deleteHistory = LocalizedText(vi: "Xóa lịch sử", en: "Delete history")
    static let key = LocalizedText(vi: "Khóa cho cơ quan cấp", en: "A key for the issuer")
    static let keyExplain = LocalizedText(
        vi: "Máy tạo một khóa cho một giấy tờ mới rồi đưa cho cơ quan cấp. Chỉ nửa công khai của khóa rời khỏi máy.",
        en: "This makes a key for one new document and shows it to the issuer. Only its public half leaves the phone.")
    static let keyExplainMore = LocalizedText(
        vi: "Ví nhớ khóa này, nên vài ngày sau giấy tờ mới đến cũng được.",
        en: "The wallet remembers it, so the document may come days later.")
    static let makeKey = LocalizedText(vi: "Tạo khóa", en: "Make a key")
    static let keyShow = LocalizedText(
        vi: "Cho cơ quan cấp quét mã này, hoặc gửi cho họ dưới dạng chữ.",
        en: "Let the issuer scan this code, or send it to them as text.")
    static let keyCode = LocalizedText(vi: "Mã QR chứa khóa công khai", en: "QR code with the public key")
    static let keyAfter = LocalizedText(
        vi: "Khi cơ quan cấp đã gửi tệp giấy tờ, hãy quay lại và thêm tệp đó.",
        en: "When the issuer has sent the document file, go back and add it.")
    static let copy = LocalizedText(vi: "Sao chép", en: "Copy")
    static let send = LocalizedText(vi: "Gửi", en: "Send")
    static let settings = LocalizedText(vi: "Cài đặt", en: "Settings")
    static let protection = LocalizedText(vi: "Ví được bảo vệ thế nào", en: "How this wallet is protected")
    static let pin = LocalizedText(vi: "Mã PIN", en: "PIN")
    static let noPIN = LocalizedText(
        vi: "Ví này không có mã PIN. Ai cầm máy đã mở khóa cũng mở được ví.",
        en: "This wallet has no PIN. Whoever has the unlocked phone can open it.")
    static let choosePIN = LocalizedText(
        vi: "Đặt mã PIN từ 6 chữ số. Đừng dùng ngày sinh hay số điện thoại.",
        en: "Choose a PIN of 6 digits or more. Not your birthday or phone number.")
    static let oldPIN = LocalizedText(vi: "Mã PIN hiện tại", en: "The PIN you have now")
    static let newPIN = LocalizedText(vi: "Mã PIN mới", en: "A new PIN")
    static let pinAgain = LocalizedText(vi: "Nhập lại mã PIN", en: "The PIN again")
    static let differ = LocalizedText(vi: "Hai lần nhập không giống nhau.", en: "The two are not the same.")
    static let changePIN = LocalizedText(vi: "Đổi mã PIN", en: "Change the PIN")
    static let removePIN = LocalizedText(vi: "Bỏ mã PIN", en: "Remove the PIN")
    static let removePINWarning = LocalizedText(
        vi: "Không có mã PIN, ai cầm máy đã mở khóa cũng xem và xuất trình được giấy tờ của bạn. Mã khôi phục cũng mất.",
        en: "Without a PIN, whoever has this phone unlocked can see and show your documents. The recovery code goes too.")
    static let forgotten = LocalizedText(vi: "Tôi quên mã PIN", en: "I forgot my PIN")
    static let recoveryCode = LocalizedText(vi: "Mã khôi phục", en: "Recovery code")
    static let hasCode = LocalizedText(vi: "Ví có mã khôi phục.", en: "There is a recovery code.")
    static let noCode = LocalizedText(
        vi: "Chưa có mã khôi phục: quên mã PIN thì phải xin cấp lại mọi giấy tờ.",
        en: "No recovery code: a forgotten PIN would cost you every document.")
    static let makeCode = LocalizedText(vi: "Tạo mã khôi phục", en: "Make a recovery code")
    static let codeExplain = LocalizedText(
        vi: "Nhờ mã này, bạn đặt được mã PIN mới khi quên mã cũ. Mã khôi phục cũ sẽ hết tác dụng.",
        en: "With this code you can set a new PIN when you forget yours. An older code is worthless then.")
    static let codeOnce = LocalizedText(vi: "Mã này chỉ hiện một lần này", en: "This code is shown only this once")
    static let codeWarning = LocalizedText(
        vi: "Hãy chép ra giấy và cất xa máy này. Ai có cả mã lẫn máy thì mở được ví. Đừng gửi mã cho bất kỳ ai.",
        en: "Write it on paper and keep it away from this phone. Whoever has the code and the phone opens your wallet. Never send it to anyone.")
    static let written = LocalizedText(vi: "Tôi đã chép lại", en: "I have written it down")
    static let recoverExplain = LocalizedText(
        vi: "Nhập mã khôi phục bạn đã chép ra giấy, rồi đặt mã PIN mới. Giấy tờ vẫn còn nguyên.",
        en: "Enter the recovery code that you wrote down, and choose a new PIN. Your documents stay.")
    static let recover = LocalizedText(vi: "Đặt mã PIN mới", en: "Set the new PIN")
    static let backup = LocalizedText(vi: "Sao lưu", en: "Backup")
    static let makeBackup = LocalizedText(vi: "Tạo bản sao lưu", en: "Make a backup")
    static let backupExplain = LocalizedText(
        vi: "Bản sao lưu là một tệp được niêm phong. Hãy đặt cụm mật khẩu: bốn hoặc năm từ không liên quan đến nhau, từ 12 ký tự.",
        en: "A backup is one sealed file. Choose a passphrase: four or five words that have nothing to do with each other, 12 characters or more.")
    static let backupWarning = LocalizedText(
        vi: "Hãy chép cụm mật khẩu ra giấy ngay. Cụm này không được lưu ở đâu và không hiện lại: không có nó thì không ai mở được bản sao lưu.",
        en: "Write the passphrase on paper now. It is not kept anywhere and is not shown again: without it nobody opens the backup.")
    static let passphrase = LocalizedText(vi: "Cụm mật khẩu", en: "Passphrase")
    static let passphraseAgain = LocalizedText(vi: "Nhập lại cụm mật khẩu", en: "The passphrase again")
    static let working = LocalizedText(vi: "Việc này cố ý mất vài giây.", en: "This takes some seconds, on purpose.")
    static let inBackup = LocalizedText(vi: "Giấy tờ trong bản sao lưu", en: "Documents in the backup")
    static let backupReady = LocalizedText(
        vi: "Tệp đã được niêm phong. Hãy chọn nơi cất, đừng chỉ cất trong máy này.",
        en: "The file is sealed. Choose where to keep it: not on this phone alone.")
    static let backupEmpty = LocalizedText(
        vi: "Không có giấy tờ nào khôi phục được từ bản sao lưu này.",
        en: "No document can be restored from this backup.")
    static let backupGone = LocalizedText(
        vi: "Bản sao lưu không còn ở đây nữa. Hãy tạo lại.",
        en: "The backup is no longer here. Make it again.")
    static let choosePlace = LocalizedText(vi: "Chọn nơi cất", en: "Choose a place for it")
    static let backupSaved = LocalizedText(
        vi: "Đã cất bản sao lưu. Hãy để tệp và tờ giấy ghi cụm mật khẩu ở hai nơi khác nhau.",
        en: "The backup is saved. Keep the file and the paper with the passphrase in two places.")
    static let cannotMove = LocalizedText(
        vi: "Khóa của những giấy tờ này không rời khỏi máy. Sang máy mới, hãy xin cấp lại.",
        en: "The keys of these never leave this phone. On a new phone, ask the issuers for them again.")
    static let restore = LocalizedText(vi: "Khôi phục bản sao lưu", en: "Restore a backup")
    static let restoreExplain = LocalizedText(
        vi: "Chọn tệp sao lưu. Bạn sẽ thấy trong tệp có gì trước khi ví nhận bất cứ thứ gì.",
        en: "Choose the backup file. You will see what is in it before anything is taken into this wallet.")
    static let chooseBackup = LocalizedText(vi: "Chọn tệp sao lưu", en: "Choose the backup file")
    static let chosen = LocalizedText(vi: "Đã chọn", en: "Chosen")
    static let lookInside = LocalizedText(vi: "Xem trong tệp có gì", en: "See what is in it")
    static let nothingYet = LocalizedText(vi: "Chưa có gì thay đổi.", en: "Nothing has been changed yet.")
    static let restorable = LocalizedText(vi: "Sẽ được khôi phục", en: "Will be restored")
    static let notRestorable = LocalizedText(vi: "Sẽ không được thêm", en: "Will not be added")
    static let notInBackup = LocalizedText(vi: "Không khôi phục được từ tệp", en: "Cannot be restored from it")
    static let restoreNow = LocalizedText(vi: "Khôi phục ngay", en: "Restore now")
    static let restoreNone = LocalizedText(
        vi: "Sẽ không có giấy tờ nào được thêm. Ví chỉ nhận lịch sử và danh sách phải xin cấp lại, nếu trong tệp có.",
        en: "No document will be added. Only history and what has to be issued again are taken, if the file has any.")
    static let restoredNone = LocalizedText(vi: "Không có giấy tờ nào được khôi phục.", en: "No document was restored.")
    static let restoredCount = LocalizedText(vi: "Đã khôi phục", en: "Restored")
    static let hadAlready = LocalizedText(vi: "Đã có sẵn trong ví", en: "In the wallet already")
    static let leftInFile = LocalizedText(vi: "Còn ở lại trong tệp", en: "Stayed in the file")
    static let toReissue = LocalizedText(vi: "Phải xin cấp lại", en: "To be issued again")
    static let keepBackup = LocalizedText(
        vi: "Hãy giữ bản sao lưu cho đến khi bạn thấy mọi thứ đã đủ.",
        en: "Keep the backup until you have seen that everything is here.")
}

extension LocalizedText {
    /// The text in the language of the device.
    var text: String { localized }
}
