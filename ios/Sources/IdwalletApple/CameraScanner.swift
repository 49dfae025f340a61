#if canImport(AVFoundation) && canImport(CoreMedia) && canImport(CoreVideo)
    import AVFoundation
    import CoreMedia
    import CoreVideo
    import Foundation
    import Idwallet

    /// Reads QR codes from the camera: single ones, or the frames of a message from another screen.
    ///
    /// The app needs `NSCameraUsageDescription`. Show ``session`` in an `AVCaptureVideoPreviewLayer`.
    public final class CameraScanner: NSObject, @unchecked Sendable {
        /// What keeps the camera from working.
        public enum Failure: Error, Sendable, Hashable {
            /// The person did not allow it.
            case notAllowed
            /// There is no camera that can be used.
            case noCamera
        }

        /// The running session, for a preview.
        public let session = AVCaptureSession()
        private let queue = DispatchQueue(label: "idwallet.camera")
        private let output = AVCaptureVideoDataOutput()
        private let lock = NSLock()
        private var listener: AsyncStream<String>.Continuation?

        /// A scanner for the camera on the back.
        public override init() {
            super.init()
        }

        /// The texts of all QR codes that are seen, until the loop over them ends. One loop at a time.
        ///
        /// - Throws: ``Failure``.
        public func texts() async throws -> AsyncStream<String> {
            guard await AVCaptureDevice.requestAccess(for: .video) else { throw Failure.notAllowed }
            try configure()
            let stream = AsyncStream<String>(bufferingPolicy: .bufferingNewest(64)) { continuation in
                continuation.onTermination = { [weak self] _ in self?.stop() }
                lock.lock()
                let before = listener
                listener = continuation
                lock.unlock()
                before?.finish()
            }
            queue.async { [session] in session.startRunning() }
            return stream
        }

        /// Scans until one whole message has been seen.
        ///
        /// - Parameters:
        ///   - kind: What the other screen shows.
        ///   - progress: Called as frames come in, on any thread.
        /// - Throws: ``Failure``; `CancellationError`.
        public func message(_ kind: MessageKind, progress: @escaping @Sendable (FrameProgress) -> Void = { _ in }) async throws -> Data {
            let decoder = FrameDecoder(kind)
            for await text in try await texts() {
                // Whatever else is in view is no frame of ours.
                guard let now = try? decoder.push(text) else { continue }
                progress(now)
                if now.isComplete, let message = decoder.message() { return message }
            }
            throw CancellationError()
        }

        private func configure() throws {
            guard session.inputs.isEmpty else { return }
            guard let camera = AVCaptureDevice.default(.builtInWideAngleCamera, for: .video, position: .back),
                let input = try? AVCaptureDeviceInput(device: camera)
            else { throw Failure.noCamera }
            session.beginConfiguration()
            defer { session.commitConfiguration() }
            session.sessionPreset = .hd1280x720
            // The first plane of this format is the luminance.
            output.videoSettings = [kCVPixelBufferPixelFormatTypeKey as String: kCVPixelFormatType_420YpCbCr8BiPlanarFullRange]
            output.alwaysDiscardsLateVideoFrames = true
            output.setSampleBufferDelegate(self, queue: queue)
            guard session.canAddInput(input), session.canAddOutput(output) else { throw Failure.noCamera }
            session.addInput(input)
            session.addOutput(output)
        }

        private func stop() {
            lock.lock()
            listener = nil
            lock.unlock()
            queue.async { [session] in session.stopRunning() }
        }

        private func seen(_ texts: [String]) {
            lock.lock()
            let listener = listener
            lock.unlock()
            for text in texts { listener?.yield(text) }
        }
    }

    extension CameraScanner: AVCaptureVideoDataOutputSampleBufferDelegate {
        /// Called by the camera.
        public func captureOutput(_ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection) {
            guard let picture = CMSampleBufferGetImageBuffer(sampleBuffer) else { return }
            CVPixelBufferLockBaseAddress(picture, .readOnly)
            defer { CVPixelBufferUnlockBaseAddress(picture, .readOnly) }
            guard let base = CVPixelBufferGetBaseAddressOfPlane(picture, 0) else { return }
            let width = CVPixelBufferGetWidthOfPlane(picture, 0)
            let height = CVPixelBufferGetHeightOfPlane(picture, 0)
            let stride = CVPixelBufferGetBytesPerRowOfPlane(picture, 0)
            var luminance = Data(capacity: width * height)
            for row in 0..<height {
                luminance.append(Data(bytes: base + row * stride, count: width))
            }
            if let texts = try? scanQRCodes(luminance: luminance, width: width, height: height) { seen(texts) }
        }
    }
#endif
