#include "identity/shell/wiring.hpp"

int main(int argc, char** argv) {
  return bw::service::service_main(
      argc, argv, "identity", "Bellwether identity: users, sessions, keys", bw::identity::wire);
}
