// The host's files, as import, the lexer and open() read them.

#include "py/builtin.h"
#include "py/lexer.h"
#include "py/mperrno.h"
#include "py/reader.h"
#include "py/runtime.h"
#include "system.h"

typedef struct {
    long file;
    long length;
    long position;
    byte octets[512];
} reader_file_t;

static mp_uint_t reader_file_readbyte(void *data) {
    reader_file_t *reader = data;
    if (reader->position >= reader->length) {
        reader->length = system_call(SYS_READ, reader->file, (long)reader->octets, sizeof(reader->octets));
        reader->position = 0;
        if (reader->length <= 0) {
            return MP_READER_EOF;
        }
    }
    return reader->octets[reader->position++];
}

static void reader_file_close(void *data) {
    reader_file_t *reader = data;
    system_call(SYS_CLOSE, reader->file, 0, 0);
    m_del_obj(reader_file_t, reader);
}

void mp_reader_new_file(mp_reader_t *reader, qstr name) {
    long file = system_call(SYS_OPEN, (long)qstr_str(name), 0, 0);
    if (file < 0) {
        mp_raise_OSError_with_filename(-file, qstr_str(name));
    }
    reader_file_t *data = m_new_obj(reader_file_t);
    data->file = file;
    data->length = data->position = 0;
    *reader = (mp_reader_t) { data, reader_file_readbyte, reader_file_close };
}

mp_lexer_t *mp_lexer_new_from_file(qstr name) {
    mp_reader_t reader;
    mp_reader_new_file(&reader, name);
    return mp_lexer_new(name, reader);
}

mp_import_stat_t mp_import_stat(const char *path) {
    long file = system_call(SYS_OPEN, (long)path, 0, 0);
    if (file < 0) {
        return MP_IMPORT_STAT_NO_EXIST;
    }
    char octet;
    // A folder opens but does not read.
    long read = system_call(SYS_READ, file, (long)&octet, 1);
    system_call(SYS_CLOSE, file, 0, 0);
    return read == -MP_EISDIR ? MP_IMPORT_STAT_DIR : MP_IMPORT_STAT_FILE;
}

// open(name, mode="rb"): the whole file, as an io.BytesIO. There is no writing.
static mp_obj_t builtin_open(size_t count, const mp_obj_t *arguments) {
    mp_reader_t reader;
    mp_reader_new_file(&reader, mp_obj_str_get_qstr(arguments[0]));
    vstr_t content;
    vstr_init(&content, 512);
    for (mp_uint_t octet; (octet = reader.readbyte(reader.data)) != MP_READER_EOF;) {
        vstr_add_byte(&content, octet);
    }
    reader.close(reader.data);
    return mp_call_function_1(MP_OBJ_FROM_PTR(&mp_type_bytesio), mp_obj_new_bytes_from_vstr(&content));
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(mp_builtin_open_obj, 1, 2, builtin_open);
