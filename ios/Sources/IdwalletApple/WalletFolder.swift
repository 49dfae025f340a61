#if canImport(Security)
    import Foundation

    /// The folder of the vault.
    public enum WalletFolder {
        /// Makes a folder for a wallet: out of device backups, readable only while the device is unlocked.
        ///
        /// A backup would be of no use: the keys stay in this device's Secure Enclave. `Wallet.export` makes one that is.
        ///
        /// - Parameter name: The name below Application Support.
        public static func prepare(_ name: String = "wallet") throws -> URL {
            let support = try FileManager.default.url(for: .applicationSupportDirectory, in: .userDomainMask, appropriateFor: nil, create: true)
            var folder = support.appendingPathComponent(name, isDirectory: true)
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.protectionKey: FileProtectionType.complete])
            var values = URLResourceValues()
            values.isExcludedFromBackup = true
            try folder.setResourceValues(values)
            return folder
        }
    }
#endif
