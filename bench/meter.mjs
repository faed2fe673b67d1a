// Loaded into a measured process with --import: writes what it used when it ends.
import {appendFileSync} from 'node:fs';

const startedAt = process.hrtime.bigint();
process.on('exit', () => {
  const {user, system} = process.cpuUsage();
  const wallMs = Number(process.hrtime.bigint() - startedAt) / 1e6;
  const figures = {
    wallMs,
    controllerCpuMs: (user + system) / 1e3,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
  };
  if (process.env.METER_FILE) appendFileSync(process.env.METER_FILE, `${JSON.stringify(figures)}\n`);
});
