/* A device beside the CPU, for tests on machines that have none: libtorch's operations on it compute on the host, and
   what mixes its tensors with the CPU's fails, as it would on a GPU. */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/* As libtorch writes it. */
const char *sd_name(void);
/* Numbers that this thread copied from the CPU to it, and from it to the CPU, since the last call. */
void sd_copied(long *to, long *from);

#ifdef __cplusplus
}
#endif
