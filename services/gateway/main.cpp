#include "gateway/shell/wiring.hpp"

int main(int argc, char** argv) {
  return bw::service::service_main(argc, argv, "gateway", "Bellwether gateway: the public door",
                                   bw::gateway::wire);
}
