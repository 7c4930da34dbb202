#include "inference/shell/wiring.hpp"

int main(int argc, char** argv) {
  return bw::service::service_main(
      argc, argv, "inference", "Bellwether inference: models and sentiment", bw::inference::wire);
}
