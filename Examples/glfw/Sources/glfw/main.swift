// A program that draws in a GLFW window with OpenGL, and gives every frame to Vulkan.
//
//   glfw [--context native|egl] [--gl compat|core|es] [--size WxH] [--frames N] [--check N]
//
// Whether GLFW makes a GLX or an EGL context need not be known.
import CGLFW
import GLVulkanInterop

let options = Options(CommandLine.arguments)

guard glfwInit() == GLFW_TRUE else { fail("glfwInit: no display") }
if options.context == "egl" { glfwWindowHint(GLFW_CONTEXT_CREATION_API, GLFW_EGL_CONTEXT_API) }
switch options.gl {
case "core":
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3)
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3)
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE)
case "es":
  glfwWindowHint(GLFW_CLIENT_API, GLFW_OPENGL_ES_API)
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3)
default: break
}
guard let window = glfwCreateWindow(Int32(options.width), Int32(options.height), "glfw", nil, nil) else {
  fail("glfwCreateWindow: no such window or context")
}
glfwMakeContextCurrent(window)
glfwSwapInterval(0)

do {
  // Once, with the context current: the frames' memory, in a Vulkan device that the package makes on the GL context's
  // GPU. A program with a device of its own gives it as `host`.
  let producer = try RawGLProducer(size: PixelSize(width: options.width, height: options.height))
  // The package's table of GL functions. A program that exists already has its own.
  let gl = producer.context.gl
  let vulkan = VulkanSide(producer.host)
  var check = options.checks ? Check(gl) : nil
  var number = 0

  while glfwWindowShouldClose(window) == GLFW_FALSE && number != options.frames {
    glfwPollEvents()
    number += 1
    var (width, height): (Int32, Int32) = (0, 0)
    glfwGetFramebufferSize(window, &width, &height)
    drawPicture(gl, number, Int(width), Int(height))
    check?.drawn(Int(width), Int(height))

    // Each frame, before the swap: one copy on the GPU. The program's GL state and picture stay as they are.
    let frame = try producer.submit()
    // On this thread or another: Vulkan's commands between an acquire and a release, in one submission.
    let size = frame.size
    try frame.access(.transferSource, waitingUpTo: .seconds(10)) { commands, image throws(InteropError) in
      try vulkan.recordCopy(of: image, size, into: commands)
    }
    check?.arrived(vulkan.pixels, size, number)

    glfwSwapBuffers(window)
  }

  let kind = producer.context.kind.rawValue.uppercased()
  print(
    "glfw: \(kind), \(producer.context.versionString); \(producer.status.path), \(producer.status.sync.rawValue),",
    "\(producer.size.width)x\(producer.size.height): \(number) frames"
      + (check.map { ", \($0.framesRight) right in every pixel" } ?? ""))
  if options.checks && check?.framesRight != options.frames { fail("not all frames were seen") }
  // Before the context goes. Frames that are out stay valid.
  try producer.contextWillBeDestroyed()
} catch {
  fail("\(error)")
}
glfwDestroyWindow(window)
glfwTerminate()
