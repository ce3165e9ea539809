/** What a registry finds in its folder's files. */

/** Something that is found by its name. */
interface Named {
  readonly name: string;
}

/** And changes by its version. */
interface Versioned extends Named {
  readonly version: number;
}

/** The entries that a generated list of files exports, by name; the one that is the default stands first. */
export function registered<Found extends Named>(files: object, standard = ''): readonly Found[] {
  const rank = ({ name }: Named): number => (name === standard ? 0 : 1);
  return (Object.values(files) as Found[]).sort(
    (left, right) => rank(left) - rank(right) || left.name.localeCompare(right.name),
  );
}

/** "cycle/1": what makes the same of the same input. */
export const versionedName = ({ name, version }: Versioned): string => `${name}/${version}`;
