import GLVulkanInterop

/// A picture that moves and has no symmetry: columns of colours, a bar and a red mark, drawn by clearing parts.
///
/// As programs do, it leaves the scissor test on.
func drawPicture(_ gl: GLFunctions, _ number: Int, _ width: Int, _ height: Int) {
  func fill(_ x: Int, _ y: Int, _ w: Int, _ h: Int, _ red: Float, _ green: Float, _ blue: Float) {
    gl.glScissor(GLint(x), GLint(y), GLsizei(w), GLsizei(h))
    gl.glClearColor(red, green, blue, 1)
    gl.glClear(GLbitfield(GL_COLOR_BUFFER_BIT))
  }
  gl.glEnable(GLenum(GL_SCISSOR_TEST))
  for row in 0..<6 {
    for column in 0..<8 {
      let (x, y) = (width * column / 8, height * row / 6)
      fill(
        x, y, width * (column + 1) / 8 - x, height * (row + 1) / 6 - y,
        Float(column) / 8, Float(row * row) / 36, Float((number + row * 8 + column) % 50) / 50)
    }
  }
  fill(0, number * 3 % max(height - 8, 1), width / 5, 8, 1, 0, 0)
  fill(number * 5 % max(width - 8, 1), height / 2, 8, height / 2, 0, 0, 1)
}
