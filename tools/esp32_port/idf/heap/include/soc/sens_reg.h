// The registers of the classic ESP32's thermometer, which the model lacks.
#pragma once
#define SENS_SAR_MEAS_WAIT2_REG 0
#define SENS_FORCE_XPD_SAR 0
#define SENS_FORCE_XPD_SAR_S 0
#define SENS_SAR_TSENS_CTRL_REG 0
#define SENS_TSENS_CLK_DIV 0
#define SENS_TSENS_CLK_DIV_S 0
#define SENS_TSENS_POWER_UP 0
#define SENS_TSENS_DUMP_OUT 0
#define SENS_TSENS_POWER_UP_FORCE 0
#define SENS_SAR_SLAVE_ADDR3_REG 0
#define SENS_TSENS_OUT 0
#define SENS_TSENS_OUT_S 0
#define SET_PERI_REG_BITS(register, mask, value, shift) (void)0
#define SET_PERI_REG_MASK(register, mask) (void)0
#define CLEAR_PERI_REG_MASK(register, mask) (void)0
#define GET_PERI_REG_BITS2(register, mask, shift) 128
#define esp_rom_delay_us(us) (void)0
