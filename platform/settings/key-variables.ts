import type { SettingUser } from './setting-info.js';
import { settings } from './settings-table.js';
import { infoOf } from './settings.js';

const keySettings = settings.pick({
  privateKey: true,
  keystore: true,
  keystorePasswordFile: true,
  ...{ sequencerKey: true, adminKey: true },
});

/** The environment variables that hold a key or say where one lies, except those that `user` works with. */
export function keyVariables(user: SettingUser | null): string[] {
  return Object.entries(keySettings.shape)
    .map(([name, schema]) => infoOf(name, schema))
    .filter(({ usedBy }) => user === null || !usedBy.includes(user))
    .flatMap(({ env, secret }) => (secret ? [env, `${env}_FILE`] : [env]));
}

/** An environment without the keys that `user` has no use for. */
export function withoutKeys(env: NodeJS.ProcessEnv, user: SettingUser | null): NodeJS.ProcessEnv {
  const dropped = keyVariables(user);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !dropped.includes(name)));
}
