import {ABSENT, type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {oneEach} from './records.ts';

/** The member of etcd that a host is. */
export interface EtcdMember {
  /** `lost`: it was one, and its data are gone. `silent`: its data are there, and it does not answer. */
  readonly state: 'lost' | 'silent' | 'learner' | 'voter';
  /** What it runs, without a "v"; empty where it does not answer. */
  readonly version: string;
}

/** Where the host keeps what its member is told, and the mark of one that has joined. */
export interface EtcdPlaces {
  readonly environment: string;
  readonly joined: string;
  readonly unit: string;
}

const kind: FactKind<EtcdMember> = {
  name: 'etcd_member',
  summary:
    'The member of etcd that a host is: `state` (`voter`, `learner`, `silent`, `lost`) and `version`. Key: JSON of `environment`, `joined` and `unit`.',
  // All that it needs to know stands in the file that the unit reads. A learner answers nothing but its status.
  program: (keys) => sh`etcd_member() {
  told() { sed -n "s/^$1=//p" "$environment" 2>/dev/null | tail -n 1; }
  environment=$1
  if [ ! -d "$(told ETCD_DATA_DIR)/member" ] || [ ! -f "$environment" ]; then
    if grep -qs '^# joined$' "$2"; then printf 'lost\\0'; else printf 'absent\\0'; fi
    return
  fi
  PATH=$PATH:/usr/local/bin etcdctl --endpoints "$(told ETCD_ADVERTISE_CLIENT_URLS)" --command-timeout 15s \\
    --cacert "$(told ETCDCTL_CACERT)" --cert "$(told ETCDCTL_CERT)" --key "$(told ETCDCTL_KEY)" \\
    endpoint status -w json 2>/dev/null | tr -d '\\0'
  printf '\\0'
}
${lines(keys.map((key) => sh`etcd_member ${placesIn(key).environment} ${placesIn(key).joined}`))}`,
  parse: oneEach(answerOf),
};

function answerOf(record: string | undefined): Answer<EtcdMember> {
  if (record === undefined) return unknown('no answer');
  if (record === 'absent') return ABSENT;
  if (record === 'lost') return known({state: 'lost', version: ''});
  const version = /"version":"([^"]+)"/.exec(record)?.[1];
  if (version === undefined) return known({state: 'silent', version: ''});
  return known({state: /"isLearner":true/.test(record) ? 'learner' : 'voter', version});
}

function placesIn(key: string): EtcdPlaces {
  const places: EtcdPlaces = JSON.parse(key);
  return places;
}

/** The member of etcd that a host is. */
export const etcdMember = ({environment, joined, unit}: EtcdPlaces): FactQuery<EtcdMember> => ({
  kind,
  key: JSON.stringify({environment, joined, unit}),
  subject: `unit:${unit}`,
});
