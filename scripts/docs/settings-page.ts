/** docs/reference/settings.md: what services and the command line can be told, drawn from the tables that read it. */
import { ROLES } from '@hone/rpc';
import { COMMAND_VARIABLES } from '../../services/cli/src/platform/variables.ts';
import { ALL_SETTINGS, type Setting } from '../../libs/rpc/src/service/settings.ts';
import { VARIABLES } from '../../libs/rpc/src/service/variables.ts';
import { cell, code, table } from './markdown.ts';

const rolesOf = (roles: readonly string[]): string => (roles.length === ROLES.length ? 'all' : roles.join(', '));

/** One default where it is the same for all services. */
function fallbackOf({ fallback, fallbackText, roles }: Setting<unknown>): string {
  if (fallbackText !== undefined) return cell(fallbackText);
  const each = roles.map((role) => [role, fallback(role)] as const);
  const [first] = each;
  if (each.every(([, value]) => value === first![1])) return code(first![1]);
  return each.map(([role, value]) => `${role} ${code(value)}`).join(', ');
}

const settingRow = (setting: Setting<unknown>): string[] => [
  setting.flag === undefined ? '' : code(`--${setting.flag} ${setting.value}`),
  code(setting.variable),
  fallbackOf(setting),
  rolesOf(setting.roles),
  cell(setting.description),
];

/** The page, as Markdown that is not formatted yet. */
export function settingsPage(): string {
  return [
    '# Settings and environment variables',
    '_Made from the tables that read them by `npm run docs`; do not edit._',
    '## Services',
    'A flag goes before its variable, that before the default. Every service takes all flags, so that all can be started alike, and ' +
      'reads those of its role. `node dist/<role>/main.mjs --help` says the same.',
    table(['flag', 'variable', 'default', 'read by', 'meaning'], ALL_SETTINGS.map(settingRow)),
    '## Variables that services’ libraries read',
    table(
      ['variable', 'read by', 'meaning'],
      VARIABLES.map(({ name, roles, description }) => [code(name), rolesOf(roles), cell(description)]),
    ),
    '## The command line',
    '`hone COMMAND --help` has the flags of each command. Services that it starts inherit the variables above.',
    table(
      ['variable', 'meaning'],
      COMMAND_VARIABLES.map(({ name, description }) => [code(name), cell(description)]),
    ),
  ].join('\n\n');
}
