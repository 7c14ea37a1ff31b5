const library = "a case of the reference's library alone, before what its program does next: ";
const offProfile =
  'what it need not wait for is in a profile that is off, so it is not printed; the reference prints this too, and refuses it when it reads it';

/** Cases that do not pass yet, or that this project decides otherwise, each with its reason. A case listed here that passes fails the test. */
export const skips: Readonly<Record<string, string>> = {
  'compose-go/loader/tests/TestBlkioConfig':
    'the reference prints blkio_config.weight_device items with the field names of its own source (Path, Weight), which it would not read back; we print path and weight as the specification names them',
  'golden/docker-compose-e2e/testdata/TestComposeModel/compose.yaml':
    'the reference leaves the top-level models out of its JSON, and its YAML has them; we print those that a service uses in both, as for every other resource',
  'compose-go/loader/TestLoadMulmtiDocumentYaml':
    'a file of several documents is refused here, with the place where the second begins: one that was left behind by a copy would change a whole cluster unseen',
  'compose-go/paths/TestIsAbs#12':
    'a path that begins with two slashes is an absolute path of the hosts that run containers, and is treated as one',
  'compose-go/types/Test_ForServices#2': `${library}it names a service and asks for it without what it depends on`,
  'compose-go/loader/TestParseAndLoad': `${library}a network that is not declared is refused`,
  'compose-go/loader/TestLoadWithInterpolationCastFull': `${library}a service without an image, and a network both external and internal, are refused`,
  'compose-go/loader/TestLoadWithLabelFile': `${library}a service without an image is refused`,
  'compose-go/loader/TestComposeFileWithVersion': `${library}what volumes_from implies and the name Dockerfile are made explicit`,
  'compose-go/loader/TestLoadWithExtends': `${library}an env file is read into environment`,
  'compose-go/loader/TestLoadLegacyBoolean': `${library}a service without an image is refused (init: yes is read as true, as a test of ours shows)`,
  'compose-go/loader/TestLoadWithInclude#1': `${library}env files are read and the default network is made explicit`,
  'compose-go/loader/tests/TestSecretFileModeString': `${library}a secret that is not declared is refused`,
  'golden/docker-compose-e2e/testdata/TestComposeRunNotRequiredDeps/compose.yaml (again)': offProfile,
  'golden/docker-compose-e2e/testdata/TestUpWithDependencyNotRequired/compose.yaml (again)': offProfile,
};
