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
    .library(name: "InteropDrivers", targets: ["InteropDrivers"]),
    .library(name: "LinuxBuffers", targets: ["LinuxBuffers"]),
    .library(name: "RawImport", targets: ["RawImport"]),
    .library(name: "YUVImages", targets: ["YUVImages"]),
    .library(name: "Capability", targets: ["Capability"]),
    .library(name: "Producers", targets: ["Producers"]),
    .library(name: "WebGPUInterop", targets: ["WebGPUInterop"]),
    .executable(name: "demo-raw-gl", targets: ["demo-raw-gl"]),
    .executable(name: "interop-caps", targets: ["interop-caps"]),
    .executable(name: "gl-vulkan-interop-probe", targets: ["gl-vulkan-interop-probe"]),
    .executable(name: "interop-bench", targets: ["interop-bench"]),
    // For `demo-raw-gl tap`, which finds them beside itself: what stands before another program's GL, and what shows
    // its frames.
    .library(name: "gl-vulkan-interop-tap", type: .dynamic, targets: ["CInteropTap"]),
    .library(name: "gl-vulkan-interop-tap-viewer", type: .dynamic, targets: ["InteropTapViewer"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
  ] + documentation,
  targets: [
    // Headers only: EGL, GL, GLES and Vulkan types. Nothing is linked, functions are looked up at run time.
    .systemLibrary(
      name: "CInteropGraphics",
      providers: [.apt(["libegl-dev", "libgles-dev", "libgl-dev", "libvulkan-dev"])]),
    // Structures of Dawn's, declared there: no Debian package is needed.
    .systemLibrary(name: "CInteropWebGPU"),
    .systemLibrary(name: "CInteropGBM", providers: [.apt(["libgbm-dev"])]),
    .systemLibrary(
      name: "CInteropPNG", path: "Demos/CInteropPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CInteropX11", path: "Demos/CInteropX11", pkgConfig: "x11", providers: [.apt(["libx11-dev"])]),
    .systemLibrary(
      name: "CInteropXCB", path: "Demos/CInteropXCB", pkgConfig: "xcb", providers: [.apt(["libxcb1-dev"])]),

    // Errors, descriptors, libraries that are opened at run time, the seam before every driver.
    .target(name: "InteropBase"),
    // Function tables of EGL, GL, GLX and Vulkan.
    .target(name: "InteropDrivers", dependencies: ["CInteropGraphics", "InteropBase"]),
    // Linux's own calls around shared buffers: ioctls, descriptors over sockets.
    .target(name: "CInteropKernel"),
    // The kernel's side of sharing: neither GL nor Vulkan can be named here.
    .target(name: "LinuxBuffers", dependencies: ["CInteropGBM", "CInteropKernel", "InteropBase"]),
    .target(name: "RawImport", dependencies: ["InteropDrivers", "LinuxBuffers"]),
    .target(
      name: "YUVImages", dependencies: ["RawImport"],
      // GLSL, of which scripts/compile-shaders.sh makes YUVShaders.swift.
      exclude: ["Shaders"]),
    // For the helper: which driver call it is in, readable after its end; system calls that Swift lacks.
    .target(name: "CInteropProbe"),
    .target(name: "Capability", dependencies: ["RawImport", "CInteropProbe"]),
    // Tries drivers that may crash or hang, for programs that use the library.
    .executableTarget(name: "gl-vulkan-interop-probe", dependencies: ["Capability"]),
    .target(
      name: "Producers",
      dependencies: ["Capability", "RawImport", .product(name: "Logging", package: "swift-log")]),
    // Frames as textures of a WebGPU device of Dawn's. Who does not use it, does not build it.
    .target(name: "WebGPUInterop", dependencies: ["CInteropWebGPU", "Capability", "Producers", "RawImport"]),
    .target(
      name: "GLVulkanInterop",
      dependencies: [
        "InteropBase", "InteropDrivers", "LinuxBuffers", "RawImport", "YUVImages", "Capability", "Producers",
      ]),

    // What both programs need: opening GL and Vulkan as their options say, PNG files, the triangle.
    .target(
      name: "InteropPrograms",
      dependencies: [
        "GLVulkanInterop", "CInteropPNG", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Demos/InteropPrograms"),
    // Windows and swapchains: what is done with frames once Vulkan has them.
    .target(
      name: "InteropViewer", dependencies: ["GLVulkanInterop", "InteropPrograms", "CInteropXCB"],
      path: "Demos/InteropViewer"),
    .executableTarget(
      name: "demo-raw-gl",
      dependencies: [
        "GLVulkanInterop", "InteropPrograms", "InteropViewer",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        // So that it is built, and lies beside the program.
        "gl-vulkan-interop-probe",
      ],
      path: "Demos/demo-raw-gl"),
    // What `demo-raw-gl tap` puts into another program.
    .systemLibrary(name: "CInteropTapInterface", path: "Demos/CInteropTapInterface"),
    .target(
      name: "InteropTapViewer",
      dependencies: [
        "CInteropTapInterface", "GLVulkanInterop", "InteropPrograms", "InteropViewer",
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Demos/InteropTapViewer"),
    // For LD_PRELOAD, so it needs libc and nothing else: Swift's libraries are not even there where other programs run.
    .target(
      name: "CInteropTap", path: "Demos/CInteropTap", exclude: ["link"],
      linkerSettings: [
        .linkedLibrary("dl"),
        .unsafeFlags(["-nostartfiles", "-static-stdlib", "-L\(Context.packageDirectory)/Demos/CInteropTap/link"]),
      ]),
    .executableTarget(
      name: "interop-caps",
      dependencies: [
        "GLVulkanInterop", "InteropPrograms", .product(name: "ArgumentParser", package: "swift-argument-parser"),
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
        "GLVulkanInterop", "CBaseline", "CBenchmarkCounters", "BenchmarkReport", "InteropPrograms",
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
      name: "InteropTestSupport",
      dependencies: [
        "GLVulkanInterop", "CDriverTrace", "CFakeDRMDriver", "CInteropGraphics", "CInteropKernel", "CVGEM",
      ],
      path: "Tests/InteropTestSupport"),
    .testTarget(name: "DriversTests", dependencies: ["InteropTestSupport"]),
    .testTarget(name: "RawImportTests", dependencies: ["InteropTestSupport"]),
    // On real buffers of the kernel's, which the virtual machine of scripts/vm.sh has.
    .testTarget(name: "DMABufTests", dependencies: ["InteropTestSupport", "CInteropKernel"]),
    // On buffers and layouts of a driver that exists nowhere, on every stack.
    .testTarget(name: "DMABufFakeTests", dependencies: ["InteropTestSupport", "CFakeDRMDriver", "CInteropGraphics"]),
    .testTarget(
      name: "CapabilityTests",
      dependencies: ["InteropTestSupport", "gl-vulkan-interop-probe", "lying-probe", "interop-caps"]),
    .testTarget(
      name: "ProducersTests", dependencies: ["InteropTestSupport", .product(name: "Logging", package: "swift-log")]),
    // A WebGPU device, as an application makes one.
    .target(name: "CDawnDevice", path: "Tests/CDawnDevice", linkerSettings: [.linkedLibrary("dl")]),
    .testTarget(name: "WebGPUTests", dependencies: ["CDawnDevice", "InteropTestSupport", "WebGPUInterop"]),
    .testTarget(name: "BenchmarkTests", dependencies: ["BenchmarkReport"]),
    // interop-bench is started too; its allocator stays out of the tests' own program.
    .testTarget(
      name: "ProgramTests",
      dependencies: [
        "InteropTestSupport", "BenchmarkReport", "InteropPrograms", "CInteropX11", "demo-raw-gl", "interop-caps",
        "capability-check",
      ]),
  ],
  swiftLanguageModes: [.v6]
)

// Functions that C calls (`@c`) need this compiler; the rest of the package does with an older one.
#if compiler(>=6.3)
  // libglvulkaninterop.so. scripts/install.sh builds it with Swift's libraries inside, and exports nothing but the C
  // names.
  package.products.append(.library(name: "glvulkaninterop", type: .dynamic, targets: ["CInterfaceFunctions"]))
  package.targets += [
    // The C header alone; what it declares is in CInterfaceFunctions, which the compiler compares with it.
    .systemLibrary(name: "CInterface"),
    .target(
      name: "CInterfaceFunctions",
      dependencies: [
        "CInterface", "GLVulkanInterop", "WebGPUInterop", .product(name: "Logging", package: "swift-log"),
      ]),
  ]
#endif
