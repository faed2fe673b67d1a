import type {EtcdPlaces} from '../../facts/etcd-member.ts';
import type {Detached} from '../../model/step.ts';
import {lines, sh} from '../../shell/sh.ts';

/** One step at a time on a host. */
const JOB = 'etcd';

/**
 * Makes a host a member. Each step looks first at how far an earlier run came, so that it may be repeated: a member
 * that is known to the others and never started is started, one that learns is promoted.
 */
export function becomeMember(places: EtcdPlaces, endpoints: readonly string[]): Detached {
  const program = lines([
    ...common(places, endpoints),
    sh`find_others
if [ ! -d "$data/member" ]; then
  [ -n "$alive" ] || { echo "No member of etcd answers: $(cat "$work/errors")" >&2; exit 1; }
  case $(ours) in
    *' started') member remove "$(ours | cut -d' ' -f1)" >/dev/null && add ;;
    '') add ;;
  esac || exit
  write_start existing "$(initial_cluster)"
elif [ -n "$alive" ] && [ -z "$(ours)" ]; then
  echo "The others do not know this host, and it has data in $data of a member that was taken out: remove that directory to let it join anew" >&2
  exit 1
fi
start && promote && mark_joined`,
  ]);
  return {step: 'detached', job: JOB, program: {...program, display: 'join the members of etcd'}};
}

/** Makes a cluster of one member, which all others join. Where one of them answers there is a cluster already. */
export function becomeFirst(places: EtcdPlaces, endpoints: readonly string[]): Detached {
  const program = lines([
    ...common(places, endpoints),
    sh`find_others
[ -z "$alive" ] || { echo "There is a cluster of etcd already: $alive answers" >&2; exit 1; }
write_start new "$name=$peer" && start && mark_joined`,
  ]);
  return {step: 'detached', job: JOB, program: {...program, display: 'start the first member of etcd'}};
}

const common = ({environment, joined, unit}: EtcdPlaces, endpoints: readonly string[]) => [
  sh`PATH=$PATH:/usr/local/bin; export PATH
environment=${environment} joined=${joined} unit=${unit} endpoints=${endpoints.join(' ')}
[ -f "$environment" ] || { echo "There is no $environment on this host" >&2; exit 1; }`,
  FUNCTIONS,
];

/** How long members may take to see each other, and a new one to catch up, in half seconds. */
const PATIENCE = 240;

const FUNCTIONS = sh`told() { sed -n "s/^$1=//p" "$environment" | tail -n 1; }
name=$(told ETCD_NAME) peer=$(told ETCD_INITIAL_ADVERTISE_PEER_URLS) data=$(told ETCD_DATA_DIR)
own=$(told ETCD_ADVERTISE_CLIENT_URLS)
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
ctl() { etcdctl --cacert "$(told ETCDCTL_CACERT)" --cert "$(told ETCDCTL_CERT)" --key "$(told ETCDCTL_KEY)" --command-timeout 5s "$@" </dev/null; }
member() { verb=$1; shift; ctl --endpoints "$alive" member "$verb" "$@" 2>"$work/errors"; }
find_others() {
  alive=
  for endpoint in $endpoints; do
    [ "$endpoint" != "$own" ] || continue
    ctl --endpoints "$endpoint" member list >"$work/members" 2>"$work/errors" || continue
    alive=$endpoint
    break
  done
}
# Its id and whether it was ever started, as the others know it.
ours() { awk -F', ' -v peer="$peer" '$4 == peer { print $1, $2 }' "$work/members"; }
initial_cluster() {
  member list >"$work/members"
  awk -F', ' -v peer="$peer" -v name="$name" '{ printf "%s%s=%s", comma, ($4 == peer ? name : $3), $4; comma = "," }' "$work/members"
}
again() {
  count=0
  until "$@"; do
    count=$((count + 1))
    [ "$count" -lt ${PATIENCE} ] || { cat "$work/errors" >&2; return 1; }
    sleep 0.5
  done
}
# Refused for some seconds behind another change of members, until all have seen each other for a while.
add() { again member add "$name" --learner --peer-urls "$peer" >/dev/null; }
write_start() {
  mkdir -p -- "\${joined%/*}" &&
    printf '%s\\n' "ETCD_INITIAL_CLUSTER=$2" "ETCD_INITIAL_CLUSTER_STATE=$1" >"$joined.new" && mv -f -- "$joined.new" "$joined"
}
start() { systemctl daemon-reload && systemctl start "$unit"; }
status() { ctl --endpoints "$own" endpoint status -w json 2>"$work/errors"; }
is_voter() { said=$(status) && case $said in *'"isLearner":true'*) return 1 ;; esac; }
try_promote() {
  is_voter && return
  # The errors of both are kept: either may be what ends it.
  find_others
  id=$(ours); id=\${id%% *}
  [ -n "$id" ] && member promote "$id" >/dev/null && is_voter
}
promote() { again try_promote; }
mark_joined() { grep -qs '^# joined$' "$joined" || printf '# joined\\n' >>"$joined"; }`;
