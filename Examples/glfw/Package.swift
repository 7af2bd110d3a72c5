// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "glfw",
  dependencies: [
    // A program of your own has: .package(url: "URL/swift-gl-vulkan-interop.git", from: "…")
    .package(name: "swift-gl-vulkan-interop", path: "../..")
  ],
  targets: [
    .systemLibrary(name: "CGLFW", pkgConfig: "glfw3", providers: [.apt(["libglfw3-dev"])]),
    .executableTarget(
      name: "glfw",
      dependencies: [
        "CGLFW", .product(name: "GLVulkanInterop", package: "swift-gl-vulkan-interop"),
        // Tries the drivers in a process of its own; SwiftPM puts it beside the program.
        .product(name: "gl-vulkan-interop-probe", package: "swift-gl-vulkan-interop"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
