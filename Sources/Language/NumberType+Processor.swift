import Foundation
import Torch

extension NumberType {
  /// The type that a device multiplies quickest, and why.
  ///
  /// On other processors than those with instructions for bfloat16 it would be slower than float32, not quicker.
  public static func quickest(on device: Device) -> (type: NumberType, reason: String) {
    guard device == .cpu else { return (.bfloat16, "bfloat16, which \(device.name) multiplies quickest") }
    let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    guard let instructions = bfloat16Instructions(of: information) else {
      return (.float32, "float32, since this processor has no instructions for bfloat16")
    }
    return (.bfloat16, "bfloat16, since this processor has \(instructions)")
  }

  /// The processor's instructions for products of bfloat16, from what Linux says of it; nil: it has none.
  static func bfloat16Instructions(of information: String) -> String? {
    let flags = information.split(separator: "\n").first { $0.hasPrefix("flags") || $0.hasPrefix("Features") }
    let words = Set((flags ?? "").split(whereSeparator: \.isWhitespace))
    return [("amx_bf16", "AMX-BF16"), ("avx512_bf16", "AVX512-BF16"), ("bf16", "BF16")].first {
      words.contains(Substring($0.0))
    }?.1
  }
}
