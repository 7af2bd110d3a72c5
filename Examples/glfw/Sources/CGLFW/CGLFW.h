// GLFW without GL's headers: GL's types come with GLVulkanInterop.
#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
