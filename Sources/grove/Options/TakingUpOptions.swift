import ArgumentParser

/// How a run is gone on with.
package struct TakingUpOptions: ParsableArguments {
  @Flag(help: "Goes on with a run also if another build of grove made it: the bits may then be neither's.")
  var acceptBuild = false

  package init() {}
}
