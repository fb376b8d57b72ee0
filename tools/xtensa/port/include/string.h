#ifndef STRING_H
#define STRING_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t octets);
void *memmove(void *to, const void *from, size_t octets);
void *memset(void *at, int value, size_t octets);
int memcmp(const void *a, const void *b, size_t octets);
void *memchr(const void *at, int value, size_t octets);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t octets);
char *strcpy(char *to, const char *from);
char *strncpy(char *to, const char *from, size_t octets);
char *strcat(char *to, const char *from);
char *strchr(const char *text, int character);
char *strrchr(const char *text, int character);
char *strstr(const char *text, const char *part);

#endif
