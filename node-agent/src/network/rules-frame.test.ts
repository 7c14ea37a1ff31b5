import test from 'ava';
import { frameOf } from './rules-frame.ts';

const loaded = `table inet tso
delete table inet tso
table inet tso {
  map published { type inet_proto . inet_service : verdict; elements = { tcp . 80 : jump a }; }
  chain a {
    accept
  }
  chain forward {
    type filter hook forward priority 0; policy accept;
    iifname { "a", "b" } drop
    accept
  }
}
`;

const listed = `table inet tso {
	map published {
		type inet_proto . inet_service : verdict
		elements = { tcp . 80 : jump a,
			     tcp . 81 : jump a }
	}

	chain a {
		accept
		drop
	}

	chain forward {
		type filter hook forward priority filter; policy accept;
		iifname { "a", "b" } drop
		accept
	}
}
`;

test('a table has the frame that it was loaded with, whatever patches made of its sets and other chains', (t) => {
  t.is(frameOf(listed), 'forward 2');
  t.is(frameOf(loaded), frameOf(listed));
});

test('a rule or a chain that somebody took out shows', (t) => {
  t.not(frameOf(listed.replace('\t\taccept\n\t}\n}', '\t}\n}')), frameOf(loaded));
  t.is(frameOf(''), '');
});
