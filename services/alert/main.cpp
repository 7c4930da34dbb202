#include "alert/shell/wiring.hpp"

int main(int argc, char** argv) {
  return bw::service::service_main(argc, argv, "alert", "Bellwether alert: rules and channels",
                                   bw::alert::wire);
}
