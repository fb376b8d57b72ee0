// Nobody reads what fails here: NDEBUG.
#define assert(condition) ((void)0)
