public import GLVulkanInterop
import Glibc

/// Draws the programs' picture: a triangle with a red, a green and a blue corner on a dark background, rotated by an
/// angle.
///
/// The shaders compute everything from the vertex number: there are no buffers and no attributes. Runs on desktop GL
/// 3.3 and OpenGL ES 3.0.
public final class Triangle {
  /// The position of a corner at angle 0, and its colour. y points up.
  public struct Corner: Sendable {
    public let x, y: Double
    public let color: (red: UInt8, green: UInt8, blue: UInt8)
  }

  /// The corners are on a circle around the middle whose radius is 0.8 of half the shorter side: red at the top, green
  /// at the lower right, blue at the lower left.
  public static let corners: [Corner] = {
    let (radius, colors) = (0.8, [(255, 0, 0), (0, 255, 0), (0, 0, 255)] as [(UInt8, UInt8, UInt8)])
    return colors.enumerated().map { index, color in
      let direction = Double.pi / 2 - Double(index) * 2 * .pi / 3
      return Corner(x: radius * cos(direction), y: radius * sin(direction), color: color)
    }
  }()
  public static let background: (red: UInt8, green: UInt8, blue: UInt8) = (16, 18, 24)

  private let program: GLObject
  private let vertexArray: GLObject
  private let placement: GLint

  /// - Throws: ``InteropError/Code/driverFailure`` with the compiler's log.
  public init(_ context: GLContext) throws(InteropError) {
    program = try context.makeProgram(
      vertex: Self.vertexSource, fragment: Self.fragmentSource, "make the triangle's program")
    vertexArray = try context.makeObject(.vertexArray)
    placement = context.gl.glGetUniformLocation(program.name, "placement")
  }

  /// Draws into the bound framebuffer, whose viewport is set.
  ///
  /// - Parameters:
  ///   - size: of the framebuffer, in pixels.
  ///   - angle: in radians, counter-clockwise.
  public func draw(_ gl: GLFunctions, size: PixelSize, angle: Double) {
    let shorter = Double(min(size.width, size.height))
    let background = [Self.background.red, Self.background.green, Self.background.blue, 255].map { GLfloat($0) / 255 }
    gl.glClearBufferfv(GLenum(GL_COLOR), 0, background)
    gl.glUseProgram(program.name)
    gl.glBindVertexArray(vertexArray.name)
    gl.glUniform4f(
      placement, GLfloat(cos(angle)), GLfloat(sin(angle)), GLfloat(shorter / Double(size.width)),
      GLfloat(shorter / Double(size.height)))
    gl.glDrawArrays(GLenum(GL_TRIANGLES), 0, GLsizei(Self.corners.count))
  }

  private static var vertexSource: String {
    let positions = corners.map { "vec2(\($0.x), \($0.y))" }.joined(separator: ", ")
    let colors = corners.map { "vec3(\($0.color.red), \($0.color.green), \($0.color.blue)) / 255.0" }
      .joined(separator: ", ")
    return """
      uniform vec4 placement;
      const vec2 positions[3] = vec2[3](\(positions));
      const vec3 colors[3] = vec3[3](\(colors));
      out vec3 cornerColor;
      void main() {
        vec2 corner = positions[gl_VertexID];
        vec2 turned = vec2(
          corner.x * placement.x - corner.y * placement.y, corner.x * placement.y + corner.y * placement.x);
        gl_Position = vec4(turned * placement.zw, 0.0, 1.0);
        cornerColor = colors[gl_VertexID];
      }
      """
  }

  private static let fragmentSource = """
    in vec3 cornerColor;
    out vec4 color;
    void main() { color = vec4(cornerColor, 1.0); }
    """
}
