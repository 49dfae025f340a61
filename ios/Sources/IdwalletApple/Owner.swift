#if canImport(LocalAuthentication)
    import Foundation
    import Idwallet
    import LocalAuthentication

    /// Asks the system whether the owner of the device is here.
    public enum Owner {
        /// Whether the system could ask: a passcode is set.
        public static var canConfirm: Bool {
            LAContext().canEvaluatePolicy(.deviceOwnerAuthentication, error: nil)
        }

        /// Asks for Face ID, Touch ID or the passcode.
        ///
        /// - Parameter reason: Why, for the person.
        /// - Returns: Whether it is the owner; `false` also when the person cancelled or no passcode is set.
        public static func confirm(_ reason: LocalizedText) async -> Bool {
            let context = LAContext()
            return await withTaskCancellationHandler {
                (try? await context.evaluatePolicy(.deviceOwnerAuthentication, localizedReason: reason.localized)) ?? false
            } onCancel: {
                context.invalidate()
            }
        }
    }
#endif
