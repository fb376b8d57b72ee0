// The flash chip, its partition table, and which of the app partitions starts next.
//
// All of it in the layout that a real chip has: the table at 0x8000, the choice in "otadata". So an image made
// for a board (tools/image.py) can lie here. Writing only clears bits; erasing, in sectors of 4096, sets them.
#include "esp_ota_ops.h"
#include "esp_partition.h"
#include "model.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR 4096u
#define TABLE 0x8000u
#define MOST_PARTITIONS 32
#define MAGIC 0x50aa
#define IMAGE_MAGIC 0xe9

enum ota_state { OTA_NEW = 0, OTA_PENDING = 1, OTA_VALID = 2, OTA_INVALID = 3, OTA_ABORTED = 4, OTA_UNDEFINED = -1 };

// An entry of the table, and of otadata, as they lie in flash (little-endian, as the host is).
struct row {
    uint16_t magic;
    uint8_t type, subtype;
    uint32_t address, size;
    char label[16];
    uint32_t flags;
};
struct choice {
    uint32_t number;
    uint8_t label[20];
    uint32_t state, crc;
};

struct model_partitions {
    int at;
    esp_partition_type_t type;
    esp_partition_subtype_t subtype;
    char label[17];
};

static unsigned char *flash;
static esp_partition_t partitions[MOST_PARTITIONS];
static int count;
static const esp_partition_t *running;

// MicroPython's own table for chips with 4 MB: what a chip without an image of ours has.
static const struct row released[] = {
    {MAGIC, 1, 2, 0x9000, 0x6000, "nvs", 0},
    {MAGIC, 1, 1, 0xf000, 0x1000, "phy_init", 0},
    {MAGIC, 0, 0, 0x10000, 0x1f0000, "factory", 0},
    {MAGIC, 1, 0x81, 0x200000, 0x200000, "vfs", 0},
};

static uint32_t crc_of(uint32_t number) {
    uint32_t crc = 0;
    for (int i = 0; i < 4; i++) {
        crc ^= number >> (8 * i) & 255;
        for (int bit = 0; bit < 8; bit++) {
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
        }
    }
    return ~crc;
}

static void map_flash(void) {
    if (!model_board.flash[0]) {
        flash = malloc(model_board.flash_size);
        memset(flash, 0xff, model_board.flash_size);
        return;
    }
    int file = open(model_board.flash, O_RDWR | O_CREAT, 0666);
    struct stat found;
    if (file < 0 || fstat(file, &found) != 0) {
        perror(model_board.flash);
        exit(2);
    }
    off_t old = found.st_size;
    if (old < (off_t)model_board.flash_size && ftruncate(file, model_board.flash_size) != 0) {
        perror(model_board.flash);
        exit(2);
    }
    flash = mmap(NULL, model_board.flash_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (old < (off_t)model_board.flash_size) {
        memset(flash + old, 0xff, model_board.flash_size - old);
    }
}

static void read_table(void) {
    struct row row;
    memcpy(&row, flash + TABLE, sizeof(row));
    if (row.magic != MAGIC) {
        memcpy(flash + TABLE, released, sizeof(released));
    }
    for (count = 0; count < MOST_PARTITIONS; count++) {
        memcpy(&row, flash + TABLE + count * sizeof(row), sizeof(row));
        if (row.magic != MAGIC) {
            break;
        }
        partitions[count] = (esp_partition_t) {
            .type = row.type, .subtype = row.subtype, .address = row.address, .size = row.size,
            .erase_size = SECTOR, .encrypted = row.flags & 1,
        };
        memcpy(partitions[count].label, row.label, 16);
    }
}

static unsigned char *otadata(void) {
    const esp_partition_t *found = esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_DATA_OTA, NULL);
    return found ? flash + found->address : NULL;
}

// The entry of otadata that counts: 0 or 1, or -1 for none.
static int chosen(struct choice entries[2]) {
    unsigned char *data = otadata();
    int best = -1;
    for (int i = 0; data && i < 2; i++) {
        memcpy(&entries[i], data + i * SECTOR, sizeof(entries[i]));
        bool good = entries[i].number != 0xffffffff && entries[i].crc == crc_of(entries[i].number)
            && entries[i].state != OTA_INVALID && entries[i].state != OTA_ABORTED;
        if (good && (best < 0 || entries[i].number > entries[best].number)) {
            best = i;
        }
    }
    return best;
}

static int slots(void) {
    int found = 0;
    for (int i = 0; i < count; i++) {
        found += partitions[i].type == ESP_PARTITION_TYPE_APP && partitions[i].subtype >= 0x10 && partitions[i].subtype < 0x20;
    }
    return found;
}

const esp_partition_t *esp_ota_get_boot_partition(void) {
    struct choice entries[2];
    int best = chosen(entries), number = slots();
    int subtype = best < 0 || number == 0 ? ESP_PARTITION_SUBTYPE_APP_FACTORY
        : ESP_PARTITION_SUBTYPE_APP_OTA_MIN + (int)((entries[best].number - 1) % number);
    const esp_partition_t *found = esp_partition_find_first(ESP_PARTITION_TYPE_APP, subtype, NULL);
    if (found == NULL) {
        found = esp_partition_find_first(ESP_PARTITION_TYPE_APP, ESP_PARTITION_SUBTYPE_ANY, NULL);
    }
    return found;
}

static void write_choice(int index, const struct choice *entry) {
    unsigned char *data = otadata() + index * SECTOR;
    memset(data, 0xff, SECTOR);
    memcpy(data, entry, sizeof(*entry));
}

// What the boot loader does: a new app is on trial, and one that stayed on trial is given up.
static void boot(void) {
    struct choice entries[2];
    int best = chosen(entries);
    if (best >= 0 && entries[best].state == OTA_PENDING) {
        entries[best].state = OTA_ABORTED;
        write_choice(best, &entries[best]);
        best = chosen(entries);
    }
    if (best >= 0 && entries[best].state == OTA_NEW) {
        entries[best].state = OTA_PENDING;
        write_choice(best, &entries[best]);
    }
    running = esp_ota_get_boot_partition();
}

__attribute__((constructor(103))) static void start_flash(void) {
    map_flash();
    read_table();
    boot();
}

// Partitions

static bool fits(int at, esp_partition_type_t type, esp_partition_subtype_t subtype, const char *label) {
    const esp_partition_t *partition = &partitions[at];
    return (type == ESP_PARTITION_TYPE_ANY || partition->type == type)
           && (subtype == ESP_PARTITION_SUBTYPE_ANY || partition->subtype == subtype)
           && (label == NULL || strcmp(partition->label, label) == 0);
}

const esp_partition_t *esp_partition_find_first(esp_partition_type_t type, esp_partition_subtype_t subtype,
    const char *label) {
    for (int i = 0; i < count; i++) {
        if (fits(i, type, subtype, label)) {
            return &partitions[i];
        }
    }
    return NULL;
}

esp_partition_iterator_t esp_partition_find(esp_partition_type_t type, esp_partition_subtype_t subtype,
    const char *label) {
    struct model_partitions *iterator = calloc(1, sizeof(*iterator));
    iterator->at = -1;
    iterator->type = type;
    iterator->subtype = subtype;
    snprintf(iterator->label, sizeof(iterator->label), "%s", label ? label : "");
    return esp_partition_next(iterator);
}

const esp_partition_t *esp_partition_get(esp_partition_iterator_t iterator) {
    return &partitions[iterator->at];
}

esp_partition_iterator_t esp_partition_next(esp_partition_iterator_t iterator) {
    const char *label = iterator->label[0] ? iterator->label : NULL;
    while (++iterator->at < count) {
        if (fits(iterator->at, iterator->type, iterator->subtype, label)) {
            return iterator;
        }
    }
    free(iterator);
    return NULL;
}

void esp_partition_iterator_release(esp_partition_iterator_t iterator) {
    free(iterator);
}

static esp_err_t check(const esp_partition_t *partition, size_t offset, size_t size) {
    if (offset > partition->size) {
        return ESP_ERR_INVALID_ARG;
    }
    if (size > partition->size - offset || partition->address + offset + size > model_board.flash_size) {
        return ESP_ERR_INVALID_SIZE;
    }
    return ESP_OK;
}

// CONFIG_SPI_FLASH_DANGEROUS_WRITE_ABORTS: whoever saws at the branch it sits on falls.
static void guard(const esp_partition_t *partition) {
    if (partition == running) {
        model_panic("abort(): flash access to the running app");
    }
}

esp_err_t esp_partition_read(const esp_partition_t *partition, size_t offset, void *data, size_t size) {
    esp_err_t result = check(partition, offset, size);
    if (result == ESP_OK) {
        memcpy(data, flash + partition->address + offset, size);
    }
    return result;
}

esp_err_t esp_partition_write(const esp_partition_t *partition, size_t offset, const void *data, size_t size) {
    esp_err_t result = check(partition, offset, size);
    if (result == ESP_OK) {
        guard(partition);
        for (size_t i = 0; i < size; i++) {
            flash[partition->address + offset + i] &= ((const unsigned char *)data)[i];
        }
    }
    return result;
}

esp_err_t esp_partition_erase_range(const esp_partition_t *partition, size_t offset, size_t size) {
    esp_err_t result = check(partition, offset, size);
    if (result == ESP_OK && offset % SECTOR) {
        result = ESP_ERR_INVALID_ARG;
    }
    if (result == ESP_OK && size % SECTOR) {
        result = ESP_ERR_INVALID_SIZE;
    }
    if (result == ESP_OK) {
        guard(partition);
        memset(flash + partition->address + offset, 0xff, size);
    }
    return result;
}

// Slots for updates

const esp_partition_t *esp_ota_get_running_partition(void) {
    return running;
}

const esp_partition_t *esp_ota_get_next_update_partition(const esp_partition_t *from) {
    int number = slots();
    const esp_partition_t *start = from ? from : running;
    for (int i = 1; number && i <= number; i++) {
        int next = start->subtype < ESP_PARTITION_SUBTYPE_APP_OTA_MIN ? i - 1 : (int)(start->subtype - 0x10 + i) % number;
        const esp_partition_t *found = esp_partition_find_first(ESP_PARTITION_TYPE_APP, 0x10 + next, NULL);
        if (found && found != start) {
            return found;
        }
    }
    return NULL;
}

esp_err_t esp_ota_set_boot_partition(const esp_partition_t *partition) {
    if (partition->type != ESP_PARTITION_TYPE_APP || flash[partition->address] != IMAGE_MAGIC) {
        return ESP_ERR_OTA_VALIDATE_FAILED;
    }
    struct choice entries[2];
    int best = chosen(entries), number = slots();
    if (otadata() == NULL) {
        return ESP_ERR_NOT_FOUND;
    }
    if (partition->subtype == ESP_PARTITION_SUBTYPE_APP_FACTORY) {
        memset(otadata(), 0xff, 2 * SECTOR);
        return ESP_OK;
    }
    uint32_t wanted = partition->subtype - ESP_PARTITION_SUBTYPE_APP_OTA_MIN + 1, next = wanted;
    while (best >= 0 && next <= entries[best].number) {
        next += number;
    }
    // Not even the slot that runs may be chosen anew without a trial.
    struct choice entry = {.number = next, .state = OTA_NEW, .crc = crc_of(next)};
    memset(entry.label, 0xff, sizeof(entry.label));
    write_choice(best < 0 ? 0 : 1 - best, &entry);
    return ESP_OK;
}

esp_err_t esp_ota_mark_app_valid_cancel_rollback(void) {
    struct choice entries[2];
    int best = chosen(entries);
    if (best >= 0 && entries[best].state != OTA_VALID) {
        entries[best].state = OTA_VALID;
        write_choice(best, &entries[best]);
    }
    return ESP_OK;
}
