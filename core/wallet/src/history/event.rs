//! What can happen, and how it can end.

use idwallet_documents::Lang;

/// An enum whose values are kept as numbers, exported as words, and read by people as sentences.
macro_rules! vocabulary {
    ($(#[$about:meta])* $type:ident {
        $($(#[$doc:meta])* $name:ident $number:literal $word:literal $vi:literal $en:literal)*
    }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $type { $(#[doc = concat!("In words: ", $en, ".")] #[doc = ""] $(#[$doc])* $name),* }

        impl $type {
            /// Every one there is.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The number under which it is kept; never used again for another.
            pub(crate) const fn number(self) -> u64 {
                match self { $(Self::$name => $number),* }
            }

            pub(crate) const fn from_number(number: u64) -> Option<Self> {
                match number { $($number => Some(Self::$name),)* _ => None }
            }

            /// The word for it in exports.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            /// The same as a person says it.
            #[must_use]
            pub const fn text(self, lang: Lang) -> &'static str {
                match (self, lang) { $((Self::$name, Lang::Vi) => $vi, (Self::$name, Lang::En) => $en),* }
            }
        }
    };
}

vocabulary! {
    /// What happened.
    Event {
    Presentation 1 "presentation" "Có bên yêu cầu xem giấy tờ" "Somebody asked to see documents"
    Import 2 "import" "Nhận giấy tờ vào ví" "A document was taken into the wallet"
    Reissue 3 "reissue" "Giấy tờ được cấp lại" "A document was issued again"
    Removal 4 "removal" "Xóa giấy tờ khỏi ví" "A document was removed from the wallet"
    Export 5 "export" "Sao lưu ví ra tệp" "The wallet was saved to a file"
    Restore 6 "restore" "Khôi phục ví từ tệp sao lưu" "The wallet was restored from a file"
    CorrectionDrafted 7 "correction_drafted" "Soạn yêu cầu sửa thông tin" "A request for correction was drafted"
    CorrectionSent 8 "correction_sent" "Gửi yêu cầu sửa thông tin" "A request for correction was sent"
    CorrectionAnswered 9 "correction_answered" "Yêu cầu sửa thông tin được trả lời" "A request for correction was answered"
    Complaint 10 "complaint" "Lập đơn phản ánh bên đã yêu cầu" "A complaint about whoever asked was prepared"
    ErasureRequest 11 "erasure_request" "Lập yêu cầu xóa dữ liệu đã chia sẻ" "A request to erase what was shared was prepared"
    HistoryDeletion 12 "history_deletion" "Bạn đã xóa các mục nhật ký cũ" "You deleted entries of the history"
    PinSet 13 "pin_set" "Đặt mã PIN" "A PIN was set"
    PinChanged 14 "pin_changed" "Đổi mã PIN" "The PIN was changed"
    PinRemoved 15 "pin_removed" "Bỏ mã PIN" "The PIN was removed"
    WrongPins 16 "wrong_pins" "Có người nhập sai mã PIN trước lần mở ví này" "Wrong PINs were entered before the wallet was opened"
    RecoveryUnlock 17 "recovery_unlock" "Mở ví bằng mã khôi phục" "The wallet was opened with the recovery code"
    Hold 18 "hold" "Ví bị phong tỏa theo lệnh từ xa: không ai mở được cho đến khi có lệnh gỡ bỏ" "The wallet was held by a remote order: nobody could open it until it was released"
    Release 19 "release" "Lệnh phong tỏa từ xa được gỡ bỏ" "The remote hold was released"
    StatusChange 20 "status_change" "Cơ quan cấp thay đổi tình trạng giấy tờ" "The issuer changed the status of a document"
    RemoteLock 21 "remote_lock" "Ví được khóa theo lệnh từ xa" "The wallet was locked by a remote order"
    RecoveryCodeSet 22 "recovery_code_set" "Tạo mã khôi phục mới" "A new recovery code was made"
    RecoveryCodeRemoved 23 "recovery_code_removed" "Bỏ mã khôi phục" "The recovery code was removed"
    AuthorityNamed 24 "authority_named" "Bạn đã chọn nơi được khóa ví từ xa" "You named who may lock the wallet from afar"
    AuthorityRemoved 25 "authority_removed" "Không còn ai được khóa ví từ xa" "Nobody may lock the wallet from afar any more"
    OlderFileAccepted 26 "older_file_accepted" "Bạn đã dùng tiếp tệp ví cũ được chép lại" "You went on with an older file of the wallet that was put back"
    OutsideMended 27 "outside_mended" "Phần ví đọc được khi đang khóa bị hỏng hoặc bị sửa, ví đã sửa lại" "What can be read of the wallet while it is locked was damaged or changed, and was mended"
    }
}

vocabulary! {
    /// How it ended.
    Outcome {
    /// It was done.
    Done 1 "done" "đã xong" "done"
    /// What is listed as shared was handed out.
    Shown 2 "shown" "bạn đã chia sẻ" "you shared it"
    /// The owner said no, though the wallet has something that was asked for. The reader cannot tell this from
    /// [`NothingToGive`](Self::NothingToGive) (A-H58, H-H21).
    Declined 3 "declined" "bạn đã từ chối" "you declined"
    /// The wallet has nothing of what was asked for.
    NothingToGive 4 "nothing_to_give" "ví không có giấy tờ được yêu cầu" "the wallet has nothing of it"
    /// It went wrong: the entry's code says how.
    Failed 5 "failed" "không thành công" "it failed"
    /// The session ended before an answer: the owner or the reader broke off, or time ran out.
    Cancelled 6 "cancelled" "đã hủy, chưa có gì được gửi" "cancelled, nothing was sent"
    /// No outcome was ever written: the app was closed or the device went off.
    NotAnswered 7 "not_answered" "chưa trả lời" "not answered"
    /// The wallet did not take it: the entry's code says why.
    Refused 8 "refused" "ví không nhận" "the wallet refused it"
    }
}
