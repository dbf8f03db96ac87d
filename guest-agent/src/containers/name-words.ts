/** Words that containers without a name are named with. */
export const adjectives: readonly string[] = (
  'able agile amber ample azure balmy bold brave breezy bright brisk calm candid clear clever coral cosy crisp deft eager ' +
  'early fair fleet fond free fresh gentle glad golden grand happy hardy hearty humble jolly keen kind level light lively ' +
  'loyal lucid lucky mellow merry mild modest neat nimble noble patient placid plucky polite proud quick quiet rapid ready ' +
  'robust rosy sandy serene sharp silver smart snug solid spry stable steady still stout sunny swift tender tidal tidy ' +
  'tranquil trim true upbeat vivid warm wise witty zesty'
).split(' ');

export const nouns: readonly string[] = (
  'albatross anchor anchorage barge bay beacon bollard bosun bow breakwater bridge brig buoy cable canal canoe capstan cape ' +
  'caravel catamaran channel clipper compass cove coxswain crane current cutter davit deck delta dinghy dock dory drift estuary ' +
  'fathom ferry fjord fleet frigate galleon galley gangway gull gunwale halyard harbour haven hawser heron hull inlet islet jetty ' +
  'keel ketch kelp kayak lagoon lantern launch lighthouse lugger mainsail marina mast mooring oar outrigger packet pier pilot ' +
  'pontoon porpoise port puffin quay raft reef regatta rigging rudder sail schooner sextant shoal skiff sloop sound spinnaker ' +
  'starboard stern strait tender tern tide tiller trawler tug wake wharf windlass yacht yawl'
).split(' ');
