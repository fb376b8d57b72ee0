// Non-volatile storage. What is set can be read at once and is in flash when it was committed: a process that
// ends between is a power cut.
#include "model.h"
#include "nvs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_SPACES 16
#define NAME 16        // with its end; longer names are refused
#define PARTITION 0x6000
#define ENTRY 32       // bytes; a page of 4096 has 126 of them and one page is kept free for clearing up
#define ENTRIES ((PARTITION / 4096 - 1) * 126)
#define LONGEST_BLOB (508000)

struct value {
    char space[NAME], key[NAME];
    char type; // 'i' or 'b'
    uint32_t length;
    unsigned char *data;
    struct value *next;
};

static char spaces[MOST_SPACES][NAME];
static struct value *values;
static bool loaded;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct value *find(const char *space, const char *key) {
    struct value *value = values;
    while (value && (strcmp(value->space, space) != 0 || strcmp(value->key, key) != 0)) {
        value = value->next;
    }
    return value;
}

static int entries(uint32_t length, char type) {
    return type == 'i' ? 1 : 2 + (int)((length + ENTRY - 1) / ENTRY);
}

static int used(void) {
    int count = 0;
    for (struct value *value = values; value; value = value->next) {
        count += entries(value->length, value->type);
    }
    return count;
}

static struct value *keep(const char *space, const char *key, char type, const void *data, uint32_t length) {
    struct value *value = find(space, key);
    if (value == NULL) {
        value = calloc(1, sizeof(*value));
        strcpy(value->space, space);
        strcpy(value->key, key);
        value->next = values;
        values = value;
    }
    free(value->data);
    value->type = type;
    value->length = length;
    value->data = malloc(length ? length : 1);
    if (data) {
        memcpy(value->data, data, length);
    }
    return value;
}

// The file: a value's names, type and length, then its bytes.
static void load(void) {
    loaded = true;
    FILE *file = model_board.nvs[0] ? fopen(model_board.nvs, "rb") : NULL;
    struct value head;
    while (file && fread(head.space, NAME, 1, file) == 1 && fread(head.key, NAME, 1, file) == 1
           && fread(&head.type, 1, 1, file) == 1 && fread(&head.length, 4, 1, file) == 1) {
        struct value *value = keep(head.space, head.key, head.type, NULL, head.length);
        if (fread(value->data, 1, head.length, file) != head.length) {
            break;
        }
    }
    if (file) {
        fclose(file);
    }
}

static void store(void) {
    if (!model_board.nvs[0]) {
        return;
    }
    char name[sizeof(model_board.nvs) + 4];
    snprintf(name, sizeof(name), "%s.new", model_board.nvs);
    FILE *file = fopen(name, "wb");
    if (file == NULL) {
        model_panic("NVS: its file cannot be written");
    }
    for (struct value *value = values; value; value = value->next) {
        fwrite(value->space, NAME, 1, file);
        fwrite(value->key, NAME, 1, file);
        fwrite(&value->type, 1, 1, file);
        fwrite(&value->length, 4, 1, file);
        fwrite(value->data, 1, value->length, file);
    }
    fclose(file);
    rename(name, model_board.nvs);
}

esp_err_t nvs_open(const char *name, nvs_open_mode_t mode, nvs_handle_t *handle) {
    (void)mode;
    if (name[0] == 0) {
        return ESP_ERR_NVS_INVALID_NAME;
    }
    if (strlen(name) >= NAME) {
        return ESP_ERR_NVS_KEY_TOO_LONG;
    }
    pthread_mutex_lock(&lock);
    if (!loaded) {
        load();
    }
    esp_err_t result = ESP_ERR_NVS_NOT_ENOUGH_SPACE;
    for (int i = 0; i < MOST_SPACES; i++) {
        if (spaces[i][0] == 0 || strcmp(spaces[i], name) == 0) {
            strcpy(spaces[i], name);
            *handle = i + 1;
            result = ESP_OK;
            break;
        }
    }
    pthread_mutex_unlock(&lock);
    return result;
}

static esp_err_t check(nvs_handle_t handle, const char *key) {
    if (handle == 0 || handle > MOST_SPACES || spaces[handle - 1][0] == 0) {
        return ESP_ERR_NVS_INVALID_HANDLE;
    }
    return key[0] == 0 ? ESP_ERR_NVS_INVALID_NAME : strlen(key) >= NAME ? ESP_ERR_NVS_KEY_TOO_LONG : ESP_OK;
}

static esp_err_t set(nvs_handle_t handle, const char *key, char type, const void *data, size_t length) {
    esp_err_t result = check(handle, key);
    if (result == ESP_OK && length > LONGEST_BLOB) {
        result = ESP_ERR_NVS_VALUE_TOO_LONG;
    }
    pthread_mutex_lock(&lock);
    // The old value stays until the new one is whole, so both must have room.
    if (result == ESP_OK && used() + entries(length, type) > ENTRIES) {
        result = ESP_ERR_NVS_NOT_ENOUGH_SPACE;
    }
    if (result == ESP_OK) {
        keep(spaces[handle - 1], key, type, data, length);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

static esp_err_t get(nvs_handle_t handle, const char *key, char type, struct value **value) {
    esp_err_t result = check(handle, key);
    if (result == ESP_OK) {
        *value = find(spaces[handle - 1], key);
        // A key is looked for together with its type.
        result = *value && (*value)->type == type ? ESP_OK : ESP_ERR_NVS_NOT_FOUND;
    }
    return result;
}

esp_err_t nvs_set_i32(nvs_handle_t handle, const char *key, int32_t number) {
    return set(handle, key, 'i', &number, sizeof(number));
}

esp_err_t nvs_get_i32(nvs_handle_t handle, const char *key, int32_t *number) {
    struct value *value;
    esp_err_t result = get(handle, key, 'i', &value);
    if (result == ESP_OK) {
        memcpy(number, value->data, sizeof(*number));
    }
    return result;
}

esp_err_t nvs_set_blob(nvs_handle_t handle, const char *key, const void *data, size_t length) {
    return set(handle, key, 'b', data, length);
}

esp_err_t nvs_get_blob(nvs_handle_t handle, const char *key, void *data, size_t *length) {
    struct value *value;
    esp_err_t result = get(handle, key, 'b', &value);
    if (result == ESP_OK && data && *length < value->length) {
        result = ESP_ERR_NVS_INVALID_LENGTH;
    } else if (result == ESP_OK && data) {
        memcpy(data, value->data, value->length);
    }
    if (result == ESP_OK) {
        *length = value->length;
    }
    return result;
}

esp_err_t nvs_erase_key(nvs_handle_t handle, const char *key) {
    esp_err_t result = check(handle, key);
    pthread_mutex_lock(&lock);
    struct value *value = result == ESP_OK ? find(spaces[handle - 1], key) : NULL;
    if (result == ESP_OK && value == NULL) {
        result = ESP_ERR_NVS_NOT_FOUND;
    }
    for (struct value **place = &values; value && *place; place = &(*place)->next) {
        if (*place == value) {
            *place = value->next;
            free(value->data);
            free(value);
            break;
        }
    }
    pthread_mutex_unlock(&lock);
    return result;
}

esp_err_t nvs_commit(nvs_handle_t handle) {
    esp_err_t result = check(handle, "-");
    pthread_mutex_lock(&lock);
    if (result == ESP_OK) {
        store();
    }
    pthread_mutex_unlock(&lock);
    return result;
}
