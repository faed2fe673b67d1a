/**
 * A function of a list that depends on its items alone. Hosts that are alike give lists of the same items, mostly one
 * behind the other: what is made of these is made once.
 */
export function onceForAlike<Item, Value>(
  make: (items: readonly Item[]) => Value,
): (items: readonly Item[]) => Value {
  let last: {readonly items: readonly Item[]; readonly value: Value} | undefined;
  return (items) => {
    const isSame = last?.items.length === items.length && items.every((item, at) => item === last?.items[at]);
    if (!last || !isSame) last = {items, value: make(items)};
    return last.value;
  };
}
