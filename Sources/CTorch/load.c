#include "CTorch.h"
#include <dlfcn.h>

const gt_functions *gt_load(const char **reason) {
  // Beside the program, which looks there first. Global: libtorch's own parts, and the BLAS, are looked up by name.
  void *library = dlopen("libGroveTorch.so", RTLD_NOW | RTLD_GLOBAL);
  const gt_functions *functions = library ? dlsym(library, "gt_table") : NULL;
  if (!functions) *reason = dlerror();
  return functions;
}
