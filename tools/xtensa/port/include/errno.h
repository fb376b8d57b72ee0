// As the chips' C library numbers them, and Linux.
#define EAGAIN 11
