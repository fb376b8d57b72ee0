"use strict";
// Time zones as POSIX writes them, for ui.time_zone: [value, text, names in the zone database that mean it].

const EUROPE = ",M3.5.0";
const AMERICA = ",M3.2.0,M11.1.0";
const ZONES = [
  ["UTC0", "UTC", ["UTC", "Atlantic/Reykjavik", "Africa/Abidjan"]],
  ["GMT0BST" + EUROPE + "/1,M10.5.0", "United Kingdom, Ireland, Portugal", ["Europe/London", "Europe/Dublin", "Europe/Lisbon"]],
  ["CET-1CEST" + EUROPE + ",M10.5.0/3", "Central Europe: Berlin, Paris, Rome, Warsaw", ["Europe/Berlin", "Europe/Vienna",
    "Europe/Zurich", "Europe/Paris", "Europe/Rome", "Europe/Madrid", "Europe/Amsterdam", "Europe/Brussels", "Europe/Prague",
    "Europe/Warsaw", "Europe/Budapest", "Europe/Copenhagen", "Europe/Oslo", "Europe/Stockholm", "Europe/Belgrade",
    "Europe/Zagreb", "Europe/Ljubljana", "Europe/Bratislava", "Europe/Luxembourg"]],
  ["EET-2EEST" + EUROPE + "/3,M10.5.0/4", "Eastern Europe: Athens, Helsinki, Kyiv", ["Europe/Athens", "Europe/Helsinki",
    "Europe/Kyiv", "Europe/Kiev", "Europe/Bucharest", "Europe/Sofia", "Europe/Riga", "Europe/Tallinn", "Europe/Vilnius"]],
  ["MSK-3", "Moscow, Istanbul, Riyadh", ["Europe/Moscow", "Europe/Istanbul", "Asia/Riyadh", "Africa/Nairobi"]],
  ["WAT-1", "West Africa: Lagos", ["Africa/Lagos", "Africa/Algiers"]],
  ["SAST-2", "South Africa", ["Africa/Johannesburg"]],
  ["GST-4", "Dubai", ["Asia/Dubai"]],
  ["PKT-5", "Pakistan", ["Asia/Karachi"]],
  ["IST-5:30", "India", ["Asia/Kolkata", "Asia/Calcutta"]],
  ["ICT-7", "Thailand, Vietnam, western Indonesia", ["Asia/Bangkok", "Asia/Ho_Chi_Minh", "Asia/Jakarta"]],
  ["CST-8", "China, Singapore, Western Australia", ["Asia/Shanghai", "Asia/Singapore", "Asia/Hong_Kong", "Australia/Perth"]],
  ["JST-9", "Japan, Korea", ["Asia/Tokyo", "Asia/Seoul"]],
  ["AEST-10", "Queensland", ["Australia/Brisbane"]],
  ["AEST-10AEDT,M10.1.0,M4.1.0/3", "Sydney, Melbourne", ["Australia/Sydney", "Australia/Melbourne"]],
  ["NZST-12NZDT,M9.5.0,M4.1.0/3", "New Zealand", ["Pacific/Auckland"]],
  ["BRT3", "Brazil, Argentina", ["America/Sao_Paulo", "America/Argentina/Buenos_Aires"]],
  ["AST4ADT" + AMERICA, "Atlantic Canada", ["America/Halifax"]],
  ["EST5EDT" + AMERICA, "Eastern North America", ["America/New_York", "America/Toronto"]],
  ["CST6CDT" + AMERICA, "Central North America", ["America/Chicago", "America/Winnipeg"]],
  ["CST6", "Mexico City", ["America/Mexico_City"]],
  ["MST7MDT" + AMERICA, "Mountain North America", ["America/Denver", "America/Edmonton"]],
  ["MST7", "Arizona", ["America/Phoenix"]],
  ["PST8PDT" + AMERICA, "Pacific North America", ["America/Los_Angeles", "America/Vancouver"]],
  ["AKST9AKDT" + AMERICA, "Alaska", ["America/Anchorage"]],
  ["HST10", "Hawaii", ["Pacific/Honolulu"]],
];

// The zone that this browser is in; where it is none of these, its distance from UTC as it is now.
function zoneHere() {
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = ZONES.find(zone => zone[2].includes(name));
  if (known) return known[0];
  const minutes = new Date().getTimezoneOffset(), size = Math.abs(minutes);
  return `UTC${minutes < 0 ? "-" : ""}${Math.floor(size / 60)}` + (size % 60 ? ":" + String(size % 60).padStart(2, "0") : "");
}

// The choices of a field that holds `value`, which may be another than these.
function zoneChoices(value) {
  const choices = ZONES.map(([posix, text]) => [posix, text]);
  if (value && !choices.some(([posix]) => posix === value)) choices.unshift([value, value]);
  return choices;
}
