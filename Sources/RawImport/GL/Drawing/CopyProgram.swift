package import InteropDrivers

/// The program that copies a texture texel by texel where `glBlitFramebuffer` cannot: it exchanges red and blue, or
/// reverses the hardware's sRGB conversion.
package final class CopyProgram {
  enum Conversion: Hashable { case none, encode, decode }

  struct Variant: Hashable {
    let exchangesRedAndBlue: Bool
    let conversion: Conversion
    /// Whether alpha becomes 1 regardless of the texture's.
    let isOpaque: Bool
  }

  private let context: GLContext
  private let program: GLObject
  private let vertexArray: GLObject
  private let flipLocation: GLint

  init(_ variant: Variant, _ context: GLContext) throws(InteropError) {
    self.context = context
    let gl = context.gl
    vertexArray = try context.makeObject(.vertexArray)
    program = try context.makeProgram(
      vertex: Self.vertexSource, fragment: Self.fragmentSource(variant), "make the copy program")
    flipLocation = gl.glGetUniformLocation(program.name, "flippedTop")
    let sourceLocation = gl.glGetUniformLocation(program.name, "source")
    guard flipLocation >= 0, sourceLocation >= 0 else {
      throw InteropError(
        .driverFailure, step: "make the copy program: glGetUniformLocation", reason: "the driver has lost a uniform",
        driverCode: context.takeError().map { .gl($0) })
    }
    gl.glUseProgram(program.name)
    gl.glUniform1i(sourceLocation, 0)
    try context.check("glUniform1i", "the copy program takes no texture unit")
  }

  /// Draws the texture of unit 0 into the bound framebuffer.
  func draw(_ size: PixelSize, flip: Bool) {
    let gl = context.gl
    gl.glUseProgram(program.name)
    gl.glBindVertexArray(vertexArray.name)
    gl.glUniform1i(flipLocation, flip ? GLint(size.height - 1) : -1)
    context.setViewport(size)
    gl.glDrawArrays(GLenum(GL_TRIANGLES), 0, 3)
  }

  // One triangle that covers the viewport, made from the vertex number: no buffer, no attributes.
  package static let vertexSource = """
    void main() {
      passClipDistances();
      vec2 corner = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
      gl_Position = vec4(corner, 0.0, 1.0);
    }
    """

  private static func fragmentSource(_ variant: Variant) -> String {
    let conversion =
      switch variant.conversion {
      case .none: ""
      // IEC 61966-2-1.
      case .encode:
        "c.rgb = mix(1.055 * pow(c.rgb, vec3(1.0 / 2.4)) - 0.055, c.rgb * 12.92, vec3(lessThanEqual(c.rgb, vec3(0.0031308))));"
      case .decode:
        // Some decoded framebuffers hold negative values or values above 1, of which a power is not a number.
        "c.rgb = clamp(c.rgb, 0.0, 1.0); c.rgb = mix(pow((c.rgb + 0.055) / 1.055, vec3(2.4)), c.rgb / 12.92, vec3(lessThanEqual(c.rgb, vec3(0.04045))));"
      }
    return """
      uniform sampler2D source;
      uniform int flippedTop;
      out vec4 color;
      void main() {
        ivec2 texel = ivec2(gl_FragCoord.xy);
        if (flippedTop >= 0) texel.y = flippedTop - texel.y;
        vec4 c = texelFetch(source, texel, 0);
        \(conversion)
        color = \(variant.exchangesRedAndBlue ? "c.bgra" : "c");\(variant.isOpaque ? "\n  color.a = 1.0;" : "")
      }
      """
  }
}

extension GLContext {
  /// Compiles and links a program. The sources have no `#version` line; the line for the context is prepended.
  ///
  /// A vertex shader must call `passClipDistances()`: an enabled distance that the shader does not write is undefined,
  /// and querying each would take eight queries.
  ///
  /// - Parameters:
  ///   - extensions: those of the fragment shader.
  ///   - attributes: those of the vertex shader, which get the locations 0, 1, …
  /// - Throws: ``InteropError/Code/driverFailure`` with the compiler's log.
  package func makeProgram(
    vertex: String, fragment: String, extensions: [String] = [], attributes: [String] = [], _ step: String
  ) throws(InteropError) -> GLObject {
    // Core contexts need not take GLSL 1.30.
    let version: String
    let precisions: String
    if features.isES2 {
      version = "#version 100\n"
      precisions =
        "#ifdef GL_FRAGMENT_PRECISION_HIGH\nprecision highp float;\n#else\nprecision mediump float;\n#endif\n"
    } else if isES {
      version = "#version 300 es\n"
      precisions = "precision highp float;\nprecision highp int;\nprecision highp sampler2D;\n"
    } else {
      version = self.version >= (3, 3) ? "#version 330\n" : "#version 130\n"
      precisions = ""
    }
    let clips = features.clipDistanceExtension.map { "#extension \($0) : require\n" } ?? ""
    let passing = (0..<features.clipDistances).map { "gl_ClipDistance[\($0)] = 1.0;" }.joined(separator: " ")
    let prologue = version + clips + precisions + "void passClipDistances() { \(passing) }\n"
    let enabled = extensions.map { "#extension \($0) : require\n" }.joined()
    let program = try makeObject(.program)
    let vertexShader = try makeShader(GLenum(GL_VERTEX_SHADER), prologue + vertex, step)
    let fragmentShader = try makeShader(
      GLenum(GL_FRAGMENT_SHADER), version + enabled + precisions + fragment, step)
    gl.glAttachShader(program.name, vertexShader.name)
    gl.glAttachShader(program.name, fragmentShader.name)
    for (location, name) in attributes.enumerated() { gl.glBindAttribLocation(program.name, GLuint(location), name) }
    gl.glLinkProgram(program.name)
    var status: GLint = 0
    gl.glGetProgramiv(program.name, GLenum(GL_LINK_STATUS), &status)
    guard status == GL_TRUE else {
      throw InteropError(
        .driverFailure, step: "\(step): glLinkProgram",
        reason: "the driver does not link it: " + log(program.name, gl.glGetProgramInfoLog),
        driverCode: takeError().map { .gl($0) })
    }
    return program
  }

  private func makeShader(_ type: GLenum, _ source: String, _ step: String) throws(InteropError) -> GLObject {
    let shader = GLObject(owning: gl.glCreateShader(type), .shader, in: self)
    guard shader.name != 0 else {
      throw InteropError(
        .driverFailure, step: "\(step): glCreateShader", reason: "the driver gave no name",
        driverCode: .gl(takeError() ?? 0))
    }
    source.withCString { text in
      var text: UnsafePointer<GLchar>? = text
      gl.glShaderSource(shader.name, 1, &text, nil)
    }
    gl.glCompileShader(shader.name)
    var status: GLint = 0
    gl.glGetShaderiv(shader.name, GLenum(GL_COMPILE_STATUS), &status)
    guard status == GL_TRUE else {
      throw InteropError(
        .driverFailure, step: "\(step): glCompileShader",
        reason: "the driver does not compile it: " + log(shader.name, gl.glGetShaderInfoLog),
        driverCode: takeError().map { .gl($0) })
    }
    return shader
  }

  private func log(
    _ name: GLuint,
    _ get: (GLuint, GLsizei, UnsafeMutablePointer<GLsizei>?, UnsafeMutablePointer<GLchar>?) -> Void
  ) -> String {
    var text = [GLchar](repeating: 0, count: 2048)
    var length: GLsizei = 0
    get(name, GLsizei(text.count), &length, &text)
    return String(decoding: text.prefix(Int(max(length, 0))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
