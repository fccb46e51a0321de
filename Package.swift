// swift-tools-version: 6.2
import PackageDescription

// Unset, the system's libtorch is used; set, the one inside that folder (a PyTorch wheel's `site-packages/torch`).
let torchDirectory = Context.environment["TORCH_DIR"]
var torchCompile: [CXXSetting] = [.unsafeFlags(["-O2"])]
var torchLink: [LinkerSetting] = []
if let torchDirectory {
  torchCompile.append(.unsafeFlags(["-isystem", "\(torchDirectory)/include"]))
  torchLink.append(
    .unsafeFlags(["-L\(torchDirectory)/lib", "-Xlinker", "-rpath", "-Xlinker", "\(torchDirectory)/lib"]))
}
torchLink += [.linkedLibrary("torch"), .linkedLibrary("torch_cpu"), .linkedLibrary("c10"), .linkedLibrary("blas")]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")

/// Async functions stay on the thread that calls them, where the tensors are.
let onCallersThread: [SwiftSetting] = [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]

/// Where every number of a large file is touched, also when the rest is built for debugging.
let optimized: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
  name: "grove",
  products: [
    .executable(name: "grove", targets: ["grove"]),
    // Loaded by the program when it is needed, and so no part of it.
    .library(name: "GroveTorch", type: .dynamic, targets: ["LibTorch"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: ["FullFoundation"]),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  // The way of a question: it is sampled, decomposed, learned from, and the model that learned it answers the next.
  targets: [
    // Every random number, addressed by (seed, purpose, round, index).
    .target(name: "Randomness"),
    .testTarget(name: "RandomnessTests", dependencies: ["Randomness"]),

    // For the tests of all that reads bytes from elsewhere.
    .target(name: "Mutation", dependencies: ["Randomness"], path: "Tests/Mutation"),
    // What other languages' libraries make of the same.
    .target(name: "Reference", dependencies: ["Processes", "Safetensors"], path: "Tests/Reference"),
    // A port that leads to another one, as in a container's network.
    .target(name: "Forwarder", path: "Tests/Forwarder"),
    // A device beside the CPU, where there is no GPU: what is computed on it, and what is copied there and back.
    .target(name: "SecondDevice", path: "Tests/SecondDevice", cxxSettings: torchCompile, linkerSettings: torchLink),

    // The paper: a question becomes a tree of easier ones, and their answers its answer.
    .target(name: "Amplification", dependencies: ["Randomness"], swiftSettings: onCallersThread),
    .testTarget(name: "AmplificationTests", dependencies: ["Amplification"], swiftSettings: onCallersThread),

    // What is asked about: contexts, questions, ground truth, look-ups, the scripted overseer.
    .target(name: "Tasks", dependencies: ["Amplification", "Randomness"]),
    .testTarget(name: "TasksTests", dependencies: ["Mutation", "Tasks", "Amplification", "Randomness"]),

    // What is trained on, and in which order gradients are summed.
    .target(name: "Distillation", dependencies: ["Amplification", "Randomness"]),
    .testTarget(name: "DistillationTests", dependencies: ["Distillation", "Amplification", "Randomness"]),

    // What tells files and weights apart.
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "Hashing", dependencies: ["COpenSSL"]),
    .testTarget(name: "HashingTests", dependencies: ["Hashing"]),

    // Named arrays of numbers as bytes of a file.
    .target(name: "Safetensors"),
    .testTarget(name: "SafetensorsTests", dependencies: ["Mutation", "Safetensors"]),

    // Weights of language models where people have them: GGUF files and Hugging Face folders.
    .target(name: "ModelFiles", dependencies: ["Hashing", "Safetensors"], swiftSettings: optimized),
    .testTarget(
      name: "ModelFilesTests", dependencies: ["Hashing", "ModelFiles", "Mutation", "Reference", "Safetensors"],
      exclude: ["blocks.py"]),
    // Text to numbers and back, as a model's files say.
    .target(name: "Tokenizers", dependencies: ["ModelFiles", heap], swiftSettings: optimized),
    .testTarget(
      name: "TokenizersTests", dependencies: ["ModelFiles", "Mutation", "Reference", "Tokenizers"],
      exclude: ["tokens.py"]),

    // Tensors and their gradients, over libtorch.
    .target(name: "LibTorch", dependencies: ["CTorch"], cxxSettings: torchCompile, linkerSettings: torchLink),
    .target(name: "CTorch", cxxSettings: [.unsafeFlags(["-O2"])]),
    .target(name: "Torch", dependencies: ["CTorch"]),
    .testTarget(name: "TorchTests", dependencies: ["SecondDevice", "Torch", "Randomness"]),

    // Language models over libtorch: what they say, what it is likely to be, and what is learned of it.
    .target(
      name: "Language", dependencies: ["ModelFiles", "Randomness", "Safetensors", "Torch"],
      swiftSettings: onCallersThread),
    .testTarget(
      name: "LanguageTests",
      dependencies: ["Language", "ModelFiles", "Randomness", "Reference", "SecondDevice", "Torch"],
      exclude: ["Readers", "Vectors"], swiftSettings: onCallersThread),

    // The answerer X and the learned overseer H′.
    .target(
      name: "Models",
      dependencies: [
        "Torch", "Amplification", "Tasks", "Distillation", "Language", "ModelFiles", "Randomness", "Tokenizers",
      ],
      swiftSettings: onCallersThread),
    .testTarget(
      name: "ModelsTests",
      dependencies: ["Models", "Amplification", "Distillation", "Randomness", "SecondDevice", "Tasks", "Torch"],
      swiftSettings: onCallersThread),

    // Where nodes and pages are found: the one reader of addresses.
    .target(name: "Addresses"),
    .testTarget(name: "AddressesTests", dependencies: ["Addresses"]),

    // What a process may have open: how much, and who must go when strangers want too much of it.
    .target(name: "Descriptors"),
    .testTarget(name: "DescriptorsTests", dependencies: ["Descriptors", "Randomness"]),

    // This process and others: where its program is, what they take, how they are started and end.
    .target(name: "Processes", dependencies: [subprocess, system]),
    .testTarget(name: "ProcessesTests", dependencies: ["Processes"]),

    // Distributed actors on libzmq: identity, calls, deadlines, membership.
    .systemLibrary(name: "CZeroMQ"),
    .target(name: "ZeroMQ", dependencies: ["CZeroMQ", "Addresses"]),
    .testTarget(name: "ZeroMQTests", dependencies: ["ZeroMQ"]),
    .target(name: "ActorCluster", dependencies: ["Addresses", "Descriptors", "ZeroMQ", logging, coreMetrics, heap]),
    .testTarget(
      name: "ActorClusterTests",
      dependencies: ["Forwarder", "Mutation", "ActorCluster", "Addresses", "ZeroMQ", logging]),

    // `cluster.yaml`.
    .target(name: "ClusterFile", dependencies: ["Addresses", "Yams"]),
    .testTarget(name: "ClusterFileTests", dependencies: ["Mutation", "ClusterFile", "Randomness"]),

    // What coordinator and worker say to each other.
    .target(
      name: "WorkUnits",
      dependencies: [
        "ActorCluster", "Addresses", "Amplification", "ClusterFile", "Distillation", "Hashing", "ModelFiles", "Status",
        "Tasks", "ZeroMQ",
      ]),

    // What people see of a cluster and a run.
    .target(name: "Status"),
    .testTarget(name: "StatusTests", dependencies: ["Status"]),

    // Learning curves and other plots, as SVG.
    .target(name: "Plots", dependencies: ["Status"]),
    .testTarget(name: "PlotsTests", dependencies: ["Plots", "Status"]),

    // What a study came to: its table and figures.
    .target(name: "Studies", dependencies: ["ClusterFile", "Plots", "Status", "Yams"]),
    .testTarget(name: "StudiesTests", dependencies: ["Mutation", "Studies", "ClusterFile", "Plots", "Status"]),

    // What is counted and timed, as Prometheus reads it.
    .target(name: "Telemetry", dependencies: [coreMetrics]),
    .testTarget(name: "TelemetryTests", dependencies: ["Telemetry", coreMetrics]),

    // What must outlive the process: the journal, checkpoints, metrics.
    .target(
      name: "RunStore", dependencies: ["ClusterFile", "Descriptors", "Hashing", "Safetensors", "Status", grdb]),
    .testTarget(name: "RunStoreTests", dependencies: ["RunStore", "Safetensors", grdb]),

    // People: what they decide and check, and who made which judgment.
    .target(name: "Oversight", dependencies: ["Amplification", "ClusterFile", "Randomness", "RunStore", "Tasks"]),
    .testTarget(
      name: "OversightTests",
      dependencies: ["Mutation", "Oversight", "Amplification", "Randomness", "RunStore", "Safetensors", "Tasks"]),

    // Grows tree shards, computes and reduces gradients, applies the step.
    .target(
      name: "Worker",
      dependencies: [
        "WorkUnits", "Models", "Oversight", "Torch", "Tasks", "Amplification", "Randomness", "Distillation", "Language",
        "ClusterFile", "ActorCluster", "Processes", "Status", logging,
      ], swiftSettings: onCallersThread),

    // Runs the rounds.
    .target(
      name: "Coordinator",
      dependencies: [
        "WorkUnits", "RunStore", "Safetensors", "Oversight", "Tasks", "Amplification", "Randomness", "Distillation",
        "ClusterFile", "ActorCluster", "Addresses", "Processes", "Status", logging, coreMetrics,
      ]),
    .testTarget(
      name: "ClusterTests",
      dependencies: [
        "Amplification", "Coordinator", "Worker", "ActorCluster", "ClusterFile", "Distillation", "Fetching", "Hashing",
        "Models", "Oversight", "Processes", "Reference", "RunStore", "Status", "Tasks", "Torch", "WorkUnits", "ZeroMQ",
        hummingbird, logging,
      ]),

    // The web: pages about the cluster and its runs.
    .target(
      name: "Dashboard",
      dependencies: [
        "Addresses", "Descriptors", "Hashing", "Oversight", "Plots", "Status", hummingbird, httpTypes, nioCore, logging,
      ]),
    .testTarget(
      name: "DashboardTests",
      dependencies: [
        "Dashboard", "Fetching", "Hashing", "Oversight", "RunStore", "Tasks", "Amplification", "Status", logging,
      ]),

    // What is asked of servers over HTTP.
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(name: "Fetching", dependencies: ["CCurl"]),
    .testTarget(name: "FetchingTests", dependencies: ["Fetching"]),

    // A run that is disturbed, beside the same one that is not.
    .target(
      name: "Chaos",
      dependencies: ["WorkUnits", "ActorCluster", "ClusterFile", "Processes", "Randomness", "Status", logging]),
    .testTarget(name: "ChaosTests", dependencies: ["Chaos"]),

    // The commands, one file each, and all that they share.
    .target(
      name: "Commands",
      dependencies: [
        "ActorCluster", "Addresses", "Amplification", "Chaos", "ClusterFile", "Coordinator", "Dashboard", "Descriptors",
        "Hashing", "Language", "ModelFiles", "Oversight", "Plots", "Processes", "Randomness", "RunStore",
        "Safetensors", "Status", "Studies", "Tasks",
        "Telemetry", "Tokenizers", "Torch", "WorkUnits", "Worker", "ZeroMQ", "Fetching", argumentParser, coreMetrics,
        lifecycle,
        logging, nioCore, signals,
      ], path: "Sources/grove", exclude: ["Grove.swift", "Help"]),

    // `grove bench`, and what the product is measured with: peers in other languages, doubles, trials without a cluster.
    .target(name: "CPingPong", path: "Sources/Benchmarks/CPingPong", linkerSettings: [.linkedLibrary("zmq")]),
    .target(name: "Echoing", dependencies: ["ActorCluster"], path: "Sources/Benchmarks/Echoing"),
    .target(
      name: "Benchmarks",
      dependencies: [
        "ActorCluster", "Addresses", "Amplification", "CPingPong", "Chaos", "ClusterFile", "Commands", "Coordinator",
        "Dashboard", "Distillation", "Echoing", "Language", "ModelFiles", "Oversight", "Plots", "Processes",
        "Randomness",
        "RunStore", "Safetensors",
        "Status", "Tasks", "Torch", "WorkUnits", "Worker", "ZeroMQ", "Fetching", argumentParser,
      ],
      exclude: [
        "CPingPong", "Echoing", "Peers/pytorch_peer.py", "Peers/language_peer.py", "Peers/llama_cpp_peer.py",
      ]),

    // The program: all commands together, and what it says of them.
    .executableTarget(
      name: "grove",
      dependencies: [
        "Benchmarks", "ClusterFile", "Commands", "Coordinator", "Descriptors", "Processes", "Status", argumentParser,
        nioCore,
      ], exclude: ["Commands", "Options", "Running", "Terminal", "Web"]),
    .testTarget(
      name: "GroveTests",
      dependencies: [
        "grove", "ActorCluster", "Chaos", "Commands", "Fetching", "Forwarder", "Hashing", "Mutation", "Oversight",
        "Reference", "Status", "Tasks", "ZeroMQ", argumentParser, grdb,
      ]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)

// Only on request: a program of libFuzzer's can't be linked without it. See scripts/fuzz.
if Context.environment["GROVE_LIBFUZZER"] != nil {
  package.targets.append(
    .executableTarget(
      name: "grove-fuzz",
      dependencies: [
        "ActorCluster", "ClusterFile", "ModelFiles", "Safetensors", "Studies", "Tasks", "WorkUnits", "ZeroMQ",
      ],
      path: "Tests/Fuzzing", swiftSettings: [.unsafeFlags(["-parse-as-library"])]))
}
