/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lib/config/config-check.c: values that must fit together. */
#include <errno.h>

#include "config/config.h"
#include "tests/tap.h"

static void check(const char *text, const char *want)
{
	_cleanup_config_ struct config *config = NULL;
	char message[CONFIG_MESSAGE_MAX] = "";
	int r = config_parse_text("f", text, strlen(text), &config, message);

	CHECK_INT(r, *want ? -EINVAL : 0);
	CHECK_STR(message, want);
}

TEST(compaction, "low is less than high, whoever was given")
{
	check("[compaction]\nlow=8\nhigh=9\n", "");
	check("[compaction]\nlow=9\nhigh=9\n", "f:2: low: low (9) must be less than high (9)");
	check("[compaction]\nlow=256\n", "f:2: low: low (256) must be less than high (256)");
	check("[compaction]\nhigh=64\n", "f:2: high: low (64) must be less than high (64)");
}

TEST(match, "a rule says what it covers")
{
	check("[rule x]\nmode=off\n", "f:1: match: [rule x] has no match line");
	check("[daemon]\n\n[rule x]\n", "f:3: match: [rule x] has no match line");
}

TEST(no_nodes, "a policy without nodes takes none")
{
	check("[default]\nnodes=0\n", "f:2: nodes: policy \"local\" takes no nodes");
	check("[rule x]\nmatch=/x\npolicy=default\nnodes=all\n",
	      "f:4: nodes: policy \"default\" takes no nodes");
}

TEST(needs_nodes, "a policy with nodes needs them")
{
	check("[default]\npolicy=bind\n", "f:2: policy: \"bind\" needs nodes");
	check("[rule x]\nmatch=/x\npolicy=interleave\n", "f:3: policy: \"interleave\" needs nodes");
	check("[rule x]\nmatch=/x\npolicy=preferred-many\n",
	      "f:3: policy: \"preferred-many\" needs nodes");
	check("[rule x]\nmatch=/x\npolicy=preferred\nnodes=0-1\n",
	      "f:4: nodes: policy \"preferred\" takes exactly one node");
	check("[rule x]\nmatch=/x\npolicy=preferred\nnodes=!0\n",
	      "f:4: nodes: policy \"preferred\" takes exactly one node");
}

TEST(weights, "weights belong to weighted-interleave and its nodes")
{
	check("[rule x]\nmatch=/x\nweights=0:1\n",
	      "f:3: weights: policy \"local\" takes no weights");
	check("[rule x]\nmatch=/x\npolicy=interleave\nnodes=0-1\nweights=0:1\n",
	      "f:5: weights: policy \"interleave\" takes no weights");
	check("[rule x]\nmatch=/x\npolicy=weighted-interleave\nnodes=0-1\nweights=0:1 2:1\n",
	      "f:5: weights: node 2 has a weight but is not among nodes");
	check("[rule x]\nmatch=/x\npolicy=weighted-interleave\nnodes=!2\nweights=0:1 2:1\n",
	      "f:5: weights: node 2 has a weight but is not among nodes");
}

TEST(unsupported, "a policy that is fine but not carried out yet is refused as such")
{
	check("[default]\npolicy=bind\nnodes=0\n",
	      "f:2: policy: \"bind\" is not supported yet by this version");
	check("[rule x]\nmatch=/x\npolicy=preferred\nnodes=0-1 !1\n",
	      "f:3: policy: \"preferred\" is not supported yet by this version");
	check("[rule x]\nmatch=/x\npolicy=preferred-many\nnodes=all\n",
	      "f:3: policy: \"preferred-many\" is not supported yet by this version");
	check("[rule x]\nmatch=/x\npolicy=interleave\nnodes=0-1\n",
	      "f:3: policy: \"interleave\" is not supported yet by this version");
	check("[rule x]\nmatch=/x\npolicy=weighted-interleave\nnodes=all\nweights=0:3 1:1\n",
	      "f:3: policy: \"weighted-interleave\" is not supported yet by this version");
}

TEST(inherited_nodes, "nodes and weights are inherited together with the policy only")
{
	static const char unsupported[] =
		"f:2: policy: \"weighted-interleave\" is not supported yet by this version";

	check("[default]\npolicy=weighted-interleave\nnodes=0-1\nweights=0:1\n"
	      "[rule x]\nmatch=/x\npolicy=local\n",
	      unsupported);
	check("[default]\npolicy=weighted-interleave\nnodes=0-1\nweights=0:1\n"
	      "[rule x]\nmatch=/x\n",
	      unsupported);
	check("[default]\npolicy=weighted-interleave\nnodes=0-1\nweights=0:1\n"
	      "[rule x]\nmatch=/x\nnodes=1\n",
	      "f:5: weights: node 0 has a weight but is not among nodes");
}

TEST(supported, "the policies of this version load")
{
	check("[default]\npolicy=default\n[rule x]\nmatch=/x\npolicy=local\n", "");
	check("", "");
}

TEST_MAIN()
