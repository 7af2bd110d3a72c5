// The header in C++: everything that is declared has C's linkage, GLVK_INIT works, callbacks may be lambdas that capture nothing.
#include <gl_vulkan_interop.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

void check(glvk_result result) {
  if (result != GLVK_SUCCESS) throw std::runtime_error(glvk_last_error_message());
}

// An owner for any handle.
template <typename Handle, glvk_result (*destroy)(Handle)>
class Owned {
 public:
  Owned() : handle_() {}
  Owned(const Owned &) = delete;
  Owned &operator=(const Owned &) = delete;
  ~Owned() {
    if (handle_.id != 0) destroy(handle_);
  }
  Handle *out() { return &handle_; }
  Handle get() const { return handle_; }

 private:
  Handle handle_;
};

struct Log {
  std::vector<std::string> lines;
};

int run() {
  Log log;
  check(glvk_set_log_callback([](void *user_data, glvk_log_level,
                                const char *message) { static_cast<Log *>(user_data)->lines.push_back(message); },
    &log, GLVK_LOG_DEBUG));

  glvk_surfaceless_options surfaceless;
  GLVK_INIT(surfaceless);
  const char *library = std::getenv("INTEROP_TEST_EGL_LIBRARY");
  if (library != nullptr && *library != 0) {
    surfaceless.platform = GLVK_PLATFORM_ANGLE;
    surfaceless.angle_path = library;
    surfaceless.gles = 1;
  }
  Owned<glvk_context, glvk_context_destroy> context;
  check(glvk_context_create_surfaceless(&surfaceless, context.out()));
  glvk_producer_options options;
  GLVK_INIT(options);
  options.context = context.get();
  options.width = 64;
  options.height = 48;
  Owned<glvk_producer, glvk_producer_destroy> producer;
  check(glvk_producer_create_surfaceless(&options, producer.out()));

  unsigned drawn = 0, recorded = 0;
  for (int number = 0; number < 10; number++) {
    Owned<glvk_frame, glvk_frame_drop> frame;
    check(glvk_producer_render(
      producer.get(), nullptr,
      [](void *user_data, const glvk_render_target *target) -> int32_t {
        ++*static_cast<unsigned *>(user_data);
        return target->width == 64 && target->height == 48 ? 0 : 1;
      },
      &drawn, frame.out()));
    if (number % 2 == 0) {
      check(glvk_frame_access(
        frame.get(), nullptr,
        [](void *user_data, VkCommandBuffer, VkImage image) -> int32_t {
          ++*static_cast<unsigned *>(user_data);
          return image == VK_NULL_HANDLE;
        },
        &recorded));
    }
  }

  // What was tried and found, with numbers that mean the same words as the report's.
  Owned<glvk_matrix, glvk_matrix_destroy> matrix;
  check(glvk_producer_get_matrix(producer.get(), matrix.out()));
  size_t size = 0, cells = 0;
  check(glvk_matrix_get_json(matrix.get(), nullptr, 0, &size));
  std::string json(size, 0);
  check(glvk_matrix_get_json(matrix.get(), &json[0], json.size(), &size));
  check(glvk_matrix_cell_count(matrix.get(), &cells));
  size_t place = 0;
  unsigned verified = 0;
  for (size_t index = 0; index < cells; index++) {
    glvk_cell cell;
    GLVK_INIT(cell);
    check(glvk_matrix_get_cell(matrix.get(), index, &cell));
    verified += cell.verdict == GLVK_VERDICT_VERIFIED;
    // Keys are in alphabetical order within a cell.
    const std::string words[][2] = {{"mode", glvk_mode_name(cell.mode)}, {"path", glvk_path_name(cell.path)},
      {"pixelFormat", glvk_format_name(cell.format)}, {"sync", glvk_sync_name(cell.sync)},
      {"tiling", glvk_tiling_name(cell.tiling)}};
    for (const auto &word : words) {
      place = json.find("\"" + word[0] + "\" : \"", place);
      if (place == std::string::npos ||
          json.compare(place + word[0].size() + 6, word[1].size() + 1, word[1] + "\"") != 0)
        throw std::runtime_error("cell " + std::to_string(index) + ": " + word[0] + " is not " + word[1]);
    }
  }
  glvk_choice choice;
  GLVK_INIT(choice);
  check(glvk_matrix_best_path(matrix.get(), nullptr, &choice));
  const size_t probed = json.find("\"probedIn\" : ");
  std::printf("%u drawn, %u recorded, %u of %zu cells verified, %s, %s: %s\n", drawn, recorded, verified, cells,
    probed == std::string::npos ? "" : json.substr(probed, json.find('\n', probed) - probed).c_str(),
    glvk_path_name(choice.path), choice.reason);
  check(glvk_set_log_callback(nullptr, nullptr, GLVK_LOG_DEBUG));
  for (const auto &line : log.lines) std::printf("log: %s\n", line.c_str());
  return drawn == 10 && recorded == 5 && verified > 0 ? 0 : 1;
}

}  // namespace

int main() {
  try {
    const int result = run();
    return glvk_live_object_count() == 0 ? result : 2;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "cplusplus: %s\n", error.what());
    return 1;
  }
}
