// swift-tools-version: 6.1
import PackageDescription

// For previews in a browser (docs/testing.md). Left out otherwise: every build of this package would fetch it and
// swift-docc-symbolkit; packages that depend on this one do not (Swift 6.3). scripts/docs.sh needs the toolchain only.
let documentation: [Package.Dependency] =
  Context.environment["INTEROP_DOCC"] == "1"
  ? [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0")] : []

let package = Package(
  name: "swift-gl-vulkan-interop",
  products: [
    .library(name: "GLVulkanInterop", targets: ["GLVulkanInterop"]),
    .library(name: "Drivers", targets: ["Drivers"]),
    .library(name: "RawImport", targets: ["RawImport"]),
    .library(name: "Capability", targets: ["Capability"]),
    .library(name: "Producers", targets: ["Producers"]),
    .executable(name: "demo-raw-gl", targets: ["demo-raw-gl"]),
    .executable(name: "interop-caps", targets: ["interop-caps"]),
    .executable(name: "gl-vulkan-interop-probe", targets: ["gl-vulkan-interop-probe"]),
    .executable(name: "interop-bench", targets: ["interop-bench"]),
    // For `demo-raw-gl tap`, which finds them beside itself: what stands before another program's GL, and what shows its frames.
    .library(name: "gl-vulkan-interop-tap", type: .dynamic, targets: ["CTap"]),
    .library(name: "gl-vulkan-interop-tap-viewer", type: .dynamic, targets: ["TapViewer"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
  ] + documentation,
  targets: [
    // Headers only: EGL, GL, GLES and Vulkan types. Nothing is linked, functions are looked up at run time.
    .systemLibrary(
      name: "CGraphics",
      providers: [.apt(["libegl-dev", "libgles-dev", "libgl-dev", "libvulkan-dev", "libgbm-dev"])]),
    .systemLibrary(name: "CPNG", path: "Demos/CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CX11", path: "Demos/CX11", pkgConfig: "x11", providers: [.apt(["libx11-dev"])]),
    .systemLibrary(name: "CXCB", path: "Demos/CXCB", pkgConfig: "xcb", providers: [.apt(["libxcb1-dev"])]),

    .target(name: "Drivers", dependencies: ["CGraphics"]),
    // Linux's own calls around shared buffers: ioctls, descriptors over sockets.
    .target(name: "CKernel"),
    .target(
      name: "RawImport", dependencies: ["Drivers", "CKernel"],
      // GLSL, of which scripts/compile-shaders.sh makes YUVShaders.swift.
      exclude: ["YUV/Shaders"]),
    // For the helper: which driver call it is in, readable after its end; system calls that Swift lacks.
    .target(name: "CProbeSupport"),
    .target(name: "Capability", dependencies: ["RawImport", "CProbeSupport"]),
    // Tries drivers that may crash or hang, for programs that use the library.
    .executableTarget(name: "gl-vulkan-interop-probe", dependencies: ["Capability"]),
    .target(
      name: "Producers",
      dependencies: ["Capability", "RawImport", .product(name: "Logging", package: "swift-log")]),
    .target(name: "GLVulkanInterop", dependencies: ["Drivers", "RawImport", "Capability", "Producers"]),

    // What both programs need: opening GL and Vulkan as their options say, PNG files, the triangle.
    .target(
      name: "ProgramSupport",
      dependencies: [
        "GLVulkanInterop", "CPNG", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Demos/ProgramSupport"),
    // Windows and swapchains: what is done with frames once Vulkan has them.
    .target(name: "Viewer", dependencies: ["GLVulkanInterop", "ProgramSupport", "CXCB"], path: "Demos/Viewer"),
    .executableTarget(
      name: "demo-raw-gl",
      dependencies: [
        "GLVulkanInterop", "ProgramSupport", "Viewer", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        // So that it is built, and lies beside the program.
        "gl-vulkan-interop-probe",
      ],
      path: "Demos/demo-raw-gl"),
    // What `demo-raw-gl tap` puts into another program.
    .systemLibrary(name: "CTapInterface", path: "Demos/CTapInterface"),
    .target(
      name: "TapViewer",
      dependencies: [
        "CTapInterface", "GLVulkanInterop", "ProgramSupport", "Viewer", .product(name: "Logging", package: "swift-log"),
      ],
      path: "Demos/TapViewer"),
    // For LD_PRELOAD, so it needs libc and nothing else: Swift's libraries are not even there where other programs run.
    .target(
      name: "CTap", path: "Demos/CTap", exclude: ["link"],
      linkerSettings: [
        .linkedLibrary("dl"),
        .unsafeFlags(["-nostartfiles", "-static-stdlib", "-L\(Context.packageDirectory)/Demos/CTap/link"]),
      ]),
    .executableTarget(
      name: "interop-caps",
      dependencies: [
        "GLVulkanInterop", "ProgramSupport", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        "gl-vulkan-interop-probe",
      ],
      path: "Demos/interop-caps"),

    // The same driver calls in C, to say what Swift costs. The GLSL is for scripts/compile-shaders.sh.
    .target(
      name: "CBaseline", path: "Benchmarks/CBaseline", exclude: ["Shaders"], linkerSettings: [.linkedLibrary("dl")]),
    // Stands before malloc in the program that links it.
    .target(name: "CBenchmarkCounters", path: "Benchmarks/CBenchmarkCounters"),
    // Statistics, targets, text, SVG: all of the benchmark that needs no driver.
    .target(name: "BenchmarkReport", path: "Benchmarks/BenchmarkReport"),
    .executableTarget(
      name: "interop-bench",
      dependencies: [
        "GLVulkanInterop", "CBaseline", "CBenchmarkCounters", "BenchmarkReport", "ProgramSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        // Measures queue families in a process of its own.
        "gl-vulkan-interop-probe",
      ],
      path: "Benchmarks/interop-bench"),

    // Interposes every driver function: records calls, makes the n-th one fail. Tests only.
    .target(name: "CDriverTrace", path: "Tests/CDriverTrace"),
    // A driver of a GPU with tiled and compressed layouts, before drivers that have no DMA-BUFs.
    .target(name: "CFakeDRMDriver", path: "Tests/FakeDRMDriver"),
    // Stands before the drivers and does something wrong without saying so; the probe's helper with such a driver.
    .target(name: "CLyingDriver", path: "Tests/LyingDriver"),
    .executableTarget(name: "lying-probe", dependencies: ["CLyingDriver", "Capability"], path: "Tests/lying-probe"),
    // The matrix's cells once more with plain calls in C, to compare with.
    .executableTarget(
      name: "capability-check", path: "Tests/CapabilityCheck", linkerSettings: [.linkedLibrary("dl")]),
    // Fences that are pending until a test signals them.
    .target(name: "CVGEM", path: "Tests/CVGEM"),
    .target(
      name: "TestSupport",
      dependencies: ["GLVulkanInterop", "CDriverTrace", "CFakeDRMDriver", "CGraphics", "CKernel", "CVGEM"],
      path: "Tests/TestSupport"),
    .testTarget(name: "DriversTests", dependencies: ["TestSupport"]),
    .testTarget(name: "RawImportTests", dependencies: ["TestSupport"]),
    // On real buffers of the kernel's, which the virtual machine of scripts/vm.sh has.
    .testTarget(name: "DMABufTests", dependencies: ["TestSupport", "CKernel"]),
    // On buffers and layouts of a driver that exists nowhere, on every stack.
    .testTarget(name: "DMABufFakeTests", dependencies: ["TestSupport", "CFakeDRMDriver", "CGraphics"]),
    .testTarget(
      name: "CapabilityTests", dependencies: ["TestSupport", "gl-vulkan-interop-probe", "lying-probe", "interop-caps"]),
    .testTarget(
      name: "ProducersTests", dependencies: ["TestSupport", .product(name: "Logging", package: "swift-log")]),
    .testTarget(name: "BenchmarkTests", dependencies: ["BenchmarkReport"]),
    // interop-bench is started too; its allocator stays out of the tests' own program.
    .testTarget(
      name: "ProgramTests", dependencies: ["TestSupport", "BenchmarkReport", "ProgramSupport", "CX11", "demo-raw-gl", "interop-caps", "capability-check"]),
  ],
  swiftLanguageModes: [.v6]
)

// Functions that C calls (`@c`) need this compiler; the rest of the package does with an older one.
#if compiler(>=6.3)
// libglvulkaninterop.so. scripts/install.sh builds it with Swift's libraries inside, and exports nothing but the C names.
package.products.append(.library(name: "glvulkaninterop", type: .dynamic, targets: ["CInterfaceFunctions"]))
package.targets += [
  // The C header alone; what it declares is in CInterfaceFunctions, which the compiler compares with it.
  .systemLibrary(name: "CInterface"),
  .target(
    name: "CInterfaceFunctions",
    dependencies: ["CInterface", "GLVulkanInterop", .product(name: "Logging", package: "swift-log")]),
]
#endif
