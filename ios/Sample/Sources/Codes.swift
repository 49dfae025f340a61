import AVFoundation
import Foundation
import Idwallet
import IdwalletApple
import SwiftUI
import UIKit

/// A QR code with its quiet zone.
struct QRCodeView: View {
    let text: String
    var label = Words.showToReader

    var body: some View {
        Canvas { context, size in
            guard let code = try? QRCode(text) else { return }
            let side = min(size.width, size.height)
            context.fill(Path(CGRect(x: 0, y: 0, width: side, height: side)), with: .color(.white))
            let module = side / CGFloat(code.size + 8)
            for row in 0..<code.size {
                for column in 0..<code.size where code.isDark(column: column, row: row) {
                    let square = CGRect(x: CGFloat(column + 4) * module, y: CGFloat(row + 4) * module, width: module, height: module)
                    context.fill(Path(square), with: .color(.black))
                }
            }
        }
        .aspectRatio(1, contentMode: .fit)
        .accessibilityLabel(label.text)
    }
}

/// A message as QR codes that follow each other.
struct AnimatedCodeView: View {
    let kind: MessageKind
    let message: Data
    @State private var text = ""

    var body: some View {
        QRCodeView(text: text)
            .task {
                guard let encoder = try? FrameEncoder(kind, message) else { return }
                var index: UInt32 = 0
                while !Task.isCancelled {
                    text = encoder.frame(index)
                    index &+= 1
                    try? await Task.sleep(nanoseconds: 125_000_000)
                }
            }
    }
}

/// What the camera sees.
struct CameraPreview: UIViewRepresentable {
    let scanner: CameraScanner

    func makeUIView(context: Context) -> UIView {
        let view = PreviewView()
        view.preview.session = scanner.session
        view.preview.videoGravity = .resizeAspectFill
        return view
    }

    func updateUIView(_ view: UIView, context: Context) {}
}

final class PreviewView: UIView {
    let preview = AVCaptureVideoPreviewLayer()

    override func layoutSubviews() {
        super.layoutSubviews()
        if preview.superlayer == nil { layer.addSublayer(preview) }
        preview.frame = bounds
    }
}
