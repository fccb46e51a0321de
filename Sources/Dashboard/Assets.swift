import Foundation
import Hashing

/// What pages need beside their text.
enum Assets {
  /// By which a page's policy knows the style where it stands in the page itself.
  static let styleHash = "sha256-\(Data(SHA256.hash(style).bytes).base64EncodedString())"

  /// A question, and those that it became.
  static let icon = """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M8 3.5v4M8 7.5l-4.5 5M8 7.5l4.5 5" fill="none" \
    stroke="#009e73" stroke-width="1.6"/><g fill="#009e73"><circle cx="8" cy="3" r="2.4"/><circle cx="3" cy="13" r="2.4"/>\
    <circle cx="13" cy="13" r="2.4"/></g></svg>

    """
}
