import CTorch

/// libtorch, which is loaded when it is first needed: that takes half a second, and most commands need no tensors.
enum Library {
  /// Fails with a ``TorchError`` if libtorch is not there.
  static let functions: Result<gt_functions, TorchError> = {
    var reason: UnsafePointer<CChar>?
    if let functions = gt_load(&reason) { return .success(functions.pointee) }
    let why = reason.map { String(cString: $0) } ?? "no reason is known"
    return .failure(TorchError(operation: "load libtorch", reason: "\(why): install it with scripts/setup"))
  }()
}

/// The library's functions, for who has a tensor, and so the library.
var torch: gt_functions {
  switch Library.functions {
  case .success(let functions): functions
  case .failure(let error): preconditionFailure("\(error)")
  }
}
