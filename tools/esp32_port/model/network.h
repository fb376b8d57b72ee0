// The network that the chip is in: what the air and the cable carry, and what the model's files of it share.
#pragma once
#include "esp_event.h"
#include "esp_netif.h"
#include "model.h"

// Events and what happens later run in one thread, IDF's "sys_evt" task (event.c).
void model_post(esp_event_base_t base, int32_t id, const void *data, size_t size);
void model_later(int64_t us, void (*code)(int), int argument); // `argument` says which attempt asked

// Guards all state of the network but the sockets.
void model_net_lock(void);
void model_net_unlock(void);

#define MOST_POINTS 16
struct model_point {
    char ssid[33], password[65];
    int rssi, channel;
};
struct model_air {
    struct model_point points[MOST_POINTS];
    int count;
    int refusal; // the reason that a wrong password is answered with
    int scan_ms, join_ms, dhcp_ms; // 0: somewhere between the bounds that a real one has
    uint32_t joins; // attempts so far
};
extern struct model_air model_air;
void model_air_changed(void); // after `points` changed, with the lock
void model_air_kick(int reason); // the access point sends the station away

struct model_cable {
    bool plugged, present; // `present`: the transceiver answers
    int mdc, mdio, power, clock, address; // how it is wired; -1: any way
};
extern struct model_cable model_cable;

// Interfaces (netif.c), with the lock.
struct model_lease {
    esp_ip4_addr_t address, netmask, gateway, dns;
};
extern struct model_lease model_lease; // what DHCP gives
extern esp_netif_t *model_station, *model_point_netif, *model_cable_netif;
void model_netif_link(esp_netif_t *netif, bool up);
void model_netif_up(esp_netif_t *netif); // an access point's: it has an address of its own
void model_lease_changed(void);
bool model_netif_any_up(void);

// Sockets (lwip.c)
extern bool model_loopback; // whether 127/8 is the chip itself; otherwise it stands for the network
void model_fail_sends(int error, int count);
int model_sockets_used(void);
